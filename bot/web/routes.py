"""The chat page and its session and socket."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, WebSocket
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from admin.api.errors import Unauthorised
from admin.api.fields import Body
from admin.api.files import FileId, FileNotThere, Uploaded, keep_upload
from admin.api.shapes.message import AttachmentShape, attachment_shape
from admin.api.writing import ApiRoute
from bot.web import sessions
from bot.web.door import WebDoor, address_of, is_own_page
from bot.web.frames import BrowserLanguage, BrowserTimezone
from bot.web.models import WebSession
from bot.web.page import render_page
from bot.web.socket import serve_socket
from core.errors import NotAllowed

router = APIRouter(include_in_schema=False)
_sessions = APIRouter(route_class=ApiRoute)


class ForeignPage(NotAllowed):
    """The page that asks is not ours."""

    code = "foreign_page"


class NewSession(Body):
    language: BrowserLanguage = None
    timezone: BrowserTimezone = None


class SessionShape(BaseModel):
    """`token` is shown this once; it opens this conversation and nothing else."""

    token: str
    conversation: int
    expires_at: datetime


def web_door(connection: HTTPConnection) -> WebDoor:
    door = connection.app.state.web_door
    assert isinstance(door, WebDoor)
    return door


Door = Annotated[WebDoor, Depends(web_door)]


@router.get("/")
async def chat_page(door: Door) -> HTMLResponse:
    return await render_page(door)


@_sessions.post("/chat/session")
async def open_session(door: Door, request: Request, body: NewSession | None = None) -> SessionShape:
    _must_be_own_page(door, request)
    door.sessions.spend(address_of(request))
    asked = body or NewSession()
    async with door.database.write() as session:
        opened = await sessions.open_session(session, door.box, asked.language, asked.timezone, door.clock.now())
    return SessionShape(token=opened.token, conversation=opened.conversation_id, expires_at=opened.expires_at)


async def visit(door: Door, request: Request) -> WebSession:
    """Whose token the request carries, as Bearer. Raises ForeignPage, Unauthorised."""
    _must_be_own_page(door, request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    async with door.database.read() as read:
        found = await sessions.find_session(read, door.box, token.strip(), door.clock.now())
    if found is None or scheme.lower() != "bearer":
        raise Unauthorised("send the session's token as `Authorization: Bearer TOKEN`")
    return found


Visit = Annotated[WebSession, Depends(visit)]


@_sessions.delete("/chat/session", status_code=204)
async def end_session(door: Door, found: Visit) -> Response:
    """The token, as Bearer, opens nothing any more; its sockets are closed."""
    async with door.database.write() as session:
        await sessions.revoke(session, found, door.clock.now())
    return Response(status_code=204)


@_sessions.post("/chat/files", status_code=201)
async def upload_file(door: Door, found: Visit, file: Uploaded) -> AttachmentShape:
    """Name its `id` in the `attachments` of a `said` frame. 10 MB at most; pictures lose place and camera."""
    async with door.database.read() as session:
        uploader = await sessions.uploader_of(session, found)
    return await keep_upload(door.database, door.files, uploader, file, door.clock.now())


@_sessions.get("/chat/files/{id}")
async def renew_link(door: Door, found: Visit, file_id: FileId) -> AttachmentShape:
    """A link that is good again, to a file of one's own conversation."""
    async with door.database.read() as session:
        attachment = await sessions.find_file(session, found, file_id)
    if attachment is None:
        raise FileNotThere(f"there is no file {file_id} in this conversation")
    return attachment_shape(attachment, door.files.links.url)


@router.websocket("/chat/socket")
async def chat_socket(door: Door, socket: WebSocket) -> None:
    await serve_socket(door, socket)


def _must_be_own_page(door: WebDoor, request: Request) -> None:
    if not is_own_page(door, request):
        raise ForeignPage("the chat is opened from the shop's own page")


router.include_router(_sessions)
