"""Files that articles carry, beside a sheet of articles: read from there by an import, written there by an export."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from core.database import ReadSession, WriteSession
from core.files import FileStore
from knowledge_base.article_audit import Edit
from knowledge_base.models import ArticleFile

MOST_BYTES = 10_000_000


class CleanFile(Protocol):
    """A file as it may be kept."""

    @property
    def data(self) -> bytes: ...
    @property
    def name(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FileKeeper:
    """Where the bytes lie, and what is kept of a file (raises InvalidInput for one that is not taken)."""

    store: FileStore
    clean: Callable[[bytes, str], CleanFile]


@dataclass(frozen=True, slots=True)
class Beside:
    """The folder of a sheet; `known`: the ids of files that articles have, `digests`: by what they hold."""

    folder: Path
    known: frozenset[str]
    digests: Mapping[str, str]

    def resolve(self, named: str) -> tuple[str, Path | None]:
        """The id of the file that a cell names, and where it lies if it may have to be taken.

        Raises:
            ValueError: there is none, or it is not beside the sheet.
        """
        if named in self.known:
            return named, None
        path = (self.folder / named).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise ValueError(f"{named!r} is not beside the import file")
        if not path.is_file():
            raise ValueError(f"there is no file {named!r} beside the import file")
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{named!r} is too large: {MOST_BYTES // 1_000_000} MB at most")
        digest = sha256(path.read_bytes()).hexdigest()
        return self.digests.get(digest) or f"kb{digest[:40]}", path


async def look_beside(session: ReadSession, sheet: Path) -> Beside:
    rows = list(await session.scalars(select(ArticleFile)))
    digests = {row.digest: row.id for row in rows if row.digest}
    return Beside(sheet.parent, frozenset(row.id for row in rows), digests)


async def keep_file(keeper: FileKeeper, file_id: str, path: Path, edit: Edit) -> ArticleFile:
    """Cleans and writes the bytes; the row is still to be added.

    Raises:
        InvalidInput: it is not of a kind that is taken.
    """
    data = await asyncio.to_thread(path.read_bytes)
    cleaned = await asyncio.to_thread(keeper.clean, data, path.name)
    await keeper.store.keep(file_id, once(cleaned.data), len(cleaned.data))
    return ArticleFile(
        id=file_id,
        name=cleaned.name[:250],
        media_type=cleaned.media_type,
        kind=str(cleaned.kind),
        size=len(cleaned.data),
        digest=sha256(cleaned.data).hexdigest(),
        author=edit.by,
        created_at=edit.now,
    )


async def add_file(session: WriteSession, row: ArticleFile) -> None:
    if await session.get(ArticleFile, row.id) is None:
        session.add(row)
        await session.flush()


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def write_beside(keeper: FileKeeper, sheet: Path, row: ArticleFile) -> str | None:
    """Copies the file into a folder beside the sheet; what its cell says. None: the bytes are gone."""
    source = keeper.store.find(row.id)
    if source is None:
        return None
    folder = sheet.with_name(f"{sheet.stem}-files")
    folder.mkdir(exist_ok=True)
    target = folder / f"{row.id[2:10]}-{row.name}"
    target.write_bytes(source.read_bytes())
    return f"{folder.name}/{target.name}"
