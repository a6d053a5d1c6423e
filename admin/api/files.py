"""Customers' files: for staff and the channel that they came through, or by a link that is good for ten minutes."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Path, Query, Request, UploadFile
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from admin.api.context import Caller, Context, Reading, allowed, current_actor
from admin.api.conversations import account_of
from admin.api.errors import Unavailable
from admin.api.file_links import Files, FilesDoor
from admin.api.shapes.message import AttachmentShape, attachment_shape
from admin.api.writing import ApiRoute
from conversations import uploads
from conversations.file_models import FileState, StoredFile
from conversations.uploads import Uploader
from core.database import Database, ReadSession
from core.errors import NotAllowed, NotFound
from core.files import FileStore
from knowledge_base.models import ArticleFile
from staff.permissions import Action, may
from staff.values import Actor, Role

router = APIRouter(prefix="/files", tags=["files"], route_class=ApiRoute)

#: What a stored file may do when a browser shows it: nothing.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private",
}
FileId = Annotated[str, Path(alias="id", pattern=r"^[A-Za-z0-9_-]{8,64}$", examples=["tg0123456789abcdef"])]


class FileNotThere(NotFound):
    """There is no such file, or it was too big or too much to keep; `detail` says which."""

    code = "file_not_found"


Uploaded = Annotated[UploadFile, File(description="10 MB at most: photo, sound, video, PDF, Word, Excel, text.")]


@router.post("", status_code=201, summary="Upload a file", dependencies=[allowed(Action.UPLOAD_FILE)])
async def upload_file(context: Context, actor: Caller, files: FilesDoor, file: Uploaded) -> AttachmentShape:
    """Name its `id` in `attachments` of a message within a day; what no message names is let go.

    Pictures are written anew without the place where they were taken, HEIC as JPEG.
    """
    return await keep_upload(context.database, files, uploader_of(actor), file, context.clock.now())


def uploader_of(actor: Actor) -> Uploader:
    """Another system uploads for its account's customers, staff for whomever they answer."""
    return Uploader(account=account_of(actor)) if actor.role is Role.CHANNEL else Uploader(agent_id=actor.id)


async def keep_upload(
    database: Database, files: Files, uploader: Uploader, file: UploadFile, now: datetime
) -> AttachmentShape:
    """Cleans and keeps what was uploaded.

    Raises:
        FileRefused, LimitExceeded
    """
    async with database.read() as session:
        await uploads.check_quota(session, uploader, now)
    data = await file.read(uploads.MOST_BYTES + 1)
    if len(data) > uploads.MOST_BYTES:
        raise HTTPException(413)
    file_id, cleaned = await uploads.write_upload(files.store, data, file.filename or "")
    async with database.write() as session:
        row = uploads.note_upload(session, uploader, file_id, cleaned, now)
    return attachment_shape(uploads.as_attachment(row), files.links.url)


async def _reader(
    request: Request,
    context: Context,
    files: FilesDoor,
    file_id: FileId,
    expires: Annotated[str | None, Query(max_length=20, description="From a link in a message.")] = None,
    signature: Annotated[str | None, Query(max_length=200, description="From a link in a message.")] = None,
) -> Actor | None:
    """Who reads by key; None for whoever has a good link.

    Raises:
        Unauthorised: neither a key nor a good link.
    """
    if expires is not None and signature is not None and files.links.is_good(file_id, expires, signature):
        return None
    actor = await current_actor(request, context)
    if not may(actor, Action.READ_FILE):
        raise NotAllowed(f"{actor.name} ({actor.role.value}) may not do {Action.READ_FILE.value}")
    return actor


def _named(check: Callable[..., Any]) -> Callable[..., Any]:
    check.__dict__["action"] = Action.READ_FILE
    return check


@router.get("/{id}", summary="Read a file", response_class=FileResponse)
async def read_file(
    session: Reading, files: FilesDoor, file_id: FileId, reader: Annotated[Actor | None, Depends(_named(_reader))]
) -> FileResponse:
    """With a key, or by a link from a message, which is good for ten minutes. A channel reads its own account's.

    503 while the file is still being fetched from where it was sent.
    """
    row = await session.get(StoredFile, file_id)
    if row is None or not _may_see(reader, row):
        article_file = await session.get(ArticleFile, file_id)
        if article_file is None or not (reader is None or may(reader, Action.READ_FILE, own=False)):
            raise FileNotThere(f"there is no file {file_id}")
        return send_file(files.store, article_file)
    return await send_stored(session, files.store, file_id)


async def send_stored(session: ReadSession, store: FileStore, file_id: str) -> FileResponse:
    """A customer's file, for whoever may see it.

    Raises:
        FileNotThere
        Unavailable: it is still being fetched.
    """
    row = await session.get(StoredFile, file_id)
    if row is None:
        raise FileNotThere(f"there is no file {file_id}")
    if row.state is FileState.WAITING:
        raise Unavailable("the file is being fetched; ask again in a moment")
    path = store.find(file_id) if row.state is FileState.HERE else None
    if path is None:
        raise FileNotThere(f"the file was not kept: {row.because or 'gone'}")
    return FileResponse(path, media_type=row.media_type, filename=row.name or file_id, headers=_HEADERS)


def send_file(store: FileStore, row: ArticleFile) -> FileResponse:
    """An article's file. Raises FileNotThere when its bytes are gone."""
    path = store.find(row.id)
    if path is None:
        raise FileNotThere(f"the file {row.id} is not there")
    return FileResponse(path, media_type=row.media_type, filename=row.name, headers=_HEADERS)


def _may_see(reader: Actor | None, row: StoredFile) -> bool:
    """Another account's files are not even confirmed to a channel."""
    return reader is None or may(reader, Action.READ_FILE, own=row.account == account_of(reader))
