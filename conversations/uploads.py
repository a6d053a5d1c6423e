"""Files that come without a channel of their own behind them: uploaded first, named by id in a message afterwards.

An upload belongs to whoever sent it (a web visitor's conversation, another system's account, a member of staff) until
a message takes it; nobody else can name it. What no message takes is let go after a day.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from conversations.file_models import FileState, StoredFile
from conversations.media import Cleaned, clean
from conversations.values import Attachment
from core.database import ReadSession, WriteSession
from core.errors import LimitExceeded, NotFound
from core.files import FileStore
from core.ids import new_token

#: Bytes of one file, before pictures are written anew.
MOST_BYTES = 10_000_000
#: Files of one message.
MOST_FILES = 10
#: Bytes that one sender may upload in 24 hours.
MOST_A_DAY = 200_000_000
UNUSED_FOR = timedelta(days=1)
_DAY = timedelta(hours=24)
#: Pictures take memory while they are written anew: so many at a time.
_AT_ONCE = asyncio.Semaphore(2)


class UploadNotFound(NotFound):
    """No such file, or it is somebody else's, or a message has it already."""

    code = "file_not_found"


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who uploads. A web visitor has all but `agent_id`; another system its account; staff `agent_id` alone."""

    account: str | None = None
    customer_id: int | None = None
    conversation_id: int | None = None
    agent_id: int | None = None

    def owns(self) -> ColumnElement[bool]:
        """Rows that this one uploaded."""
        if self.agent_id is not None:
            return StoredFile.uploaded_by_id == self.agent_id
        if self.conversation_id is not None:
            return StoredFile.conversation_id == self.conversation_id
        return (StoredFile.account == self.account) & StoredFile.conversation_id.is_(None)


async def write_upload(store: FileStore, data: bytes, name: str) -> tuple[str, Cleaned]:
    """Cleans the file and writes it down under a new id; nothing of it is in the database yet.

    Raises:
        FileRefused
    """
    async with _AT_ONCE:
        cleaned = await asyncio.to_thread(clean, data, name)
    file_id = f"up{new_token()}"
    await store.keep(file_id, _once(cleaned.data), len(cleaned.data))
    return file_id, cleaned


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def check_quota(session: ReadSession, uploader: Uploader, now: datetime) -> None:
    """Raises LimitExceeded when this one has uploaded enough for a day."""
    query = select(func.coalesce(func.sum(StoredFile.size), 0)).where(
        uploader.owns(), StoredFile.is_upload, StoredFile.created_at > now - _DAY
    )
    if int(await session.scalar(query) or 0) >= MOST_A_DAY:
        raise LimitExceeded(f"{MOST_A_DAY // 1_000_000} MB a day at most; try again tomorrow", retry_after=3600)


def note_upload(session: WriteSession, uploader: Uploader, file_id: str, cleaned: Cleaned, now: datetime) -> StoredFile:
    """The row of a file that `write_upload` wrote."""
    row = StoredFile(
        id=file_id,
        account=uploader.account or "",
        customer_id=uploader.customer_id,
        conversation_id=uploader.conversation_id,
        uploaded_by_id=uploader.agent_id,
        is_upload=True,
        name=cleaned.name,
        media_type=cleaned.media_type,
        kind=cleaned.kind,
        size=len(cleaned.data),
        state=FileState.HERE,
        due_at=now,
        created_at=now,
    )
    session.add(row)
    return row


async def find_own(session: ReadSession, uploader: Uploader, file_ids: Sequence[str]) -> list[StoredFile]:
    """What this one uploaded under these ids, in the order given. Raises UploadNotFound."""
    if not file_ids:
        return []
    query = select(StoredFile).where(StoredFile.id.in_(file_ids), uploader.owns(), StoredFile.is_upload)
    rows = {row.id: row for row in await session.scalars(query)}
    if missing := [file_id for file_id in file_ids if file_id not in rows]:
        raise UploadNotFound(f"there is no file {missing[0]} of yours; upload it first")
    return [rows[file_id] for file_id in file_ids]


@dataclass(frozen=True, slots=True)
class Taker:
    """Whose message takes the files: a customer's, on an account."""

    account: str
    customer_id: int


async def attach(
    session: WriteSession, uploader: Uploader, file_ids: Sequence[str], taker: Taker, now: datetime
) -> tuple[Attachment, ...]:
    """Gives the files to a message that the customer writes or reads, in the order given.

    A file that was attached before may be named again by the same sender: a message that is sent twice is the same.

    Raises:
        UploadNotFound
    """
    rows = await find_own(session, uploader, file_ids)
    for row in rows:
        if row.customer_id not in (None, taker.customer_id):
            raise UploadNotFound(f"the file {row.id} went to another customer")
        row.account, row.customer_id, row.attached_at = taker.account, taker.customer_id, row.attached_at or now
    return tuple(as_attachment(row) for row in rows)


def as_attachment(row: StoredFile) -> Attachment:
    return Attachment(kind=row.kind, file_id=row.id, name=row.name, media_type=row.media_type, size=row.size)


async def let_unused_go(session: WriteSession, files: FileStore, now: datetime, limit: int = 200) -> int:
    """Removes uploads that no message took within a day; how many."""
    unused = StoredFile.is_upload & StoredFile.attached_at.is_(None) & (StoredFile.created_at < now - UNUSED_FOR)
    ids = list(await session.scalars(select(StoredFile.id).where(unused).limit(limit)))
    for file_id in ids:
        files.remove(file_id)
    await session.execute(delete(StoredFile).where(StoredFile.id.in_(ids)))
    return len(ids)
