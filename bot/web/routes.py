"""The chat page and its session and socket."""

from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response, WebSocket
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, model_validator
from starlette.requests import HTTPConnection

from admin.api.errors import Unauthorised
from admin.api.fields import Body, Line, ShortLine
from admin.api.files import FileId, FileNotThere, Uploaded, keep_upload
from admin.api.shapes.message import AttachmentShape, attachment_shape
from admin.api.writing import ApiRoute
from bot.web import kept_token, resuming, sessions
from bot.web.door import WebDoor, address_of, is_own_page
from bot.web.frames import BrowserLanguage, BrowserTimezone
from bot.web.identifying import identify
from bot.web.models import WebSession
from bot.web.page import render_page, render_widget
from bot.web.sessions import Browser, OpenedSession
from bot.web.signing import Signed
from bot.web.socket import serve_socket
from bot.web.telegram_link import telegram_link
from bot.web.transcript import write_transcript
from conversations.texts import Texts
from core.errors import NotAllowed
from core.ids import hash_token
from core.shop import read_shop

router = APIRouter(include_in_schema=False)
_sessions = APIRouter(route_class=ApiRoute)


class ForeignPage(NotAllowed):
    """The page that asks is not ours."""

    code = "foreign_page"


class Identify(Body):
    """As the shop's server signed it: hex HMAC-SHA256 over `id.expires`; `expires` in Unix seconds."""

    id: ShortLine
    expires: Annotated[int, Field(ge=0, le=2**40)]
    signature: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")]
    name: Line | None = None
    email: Line | None = None


class Resume(Body):
    """A one-time code, or a case's number and the contact that was left in it."""

    code: Annotated[str, Field(max_length=100)] | None = None
    number: Annotated[int, Field(ge=1, le=2**31)] | None = None
    contact: Line | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.code is None) == (self.number is None or self.contact is None):
            raise ValueError("give a code, or a number and a contact")
        return self


class NewSession(Body):
    """`keep`: the browser has no storage for the token, and may have a cookie for it."""

    language: BrowserLanguage = None
    timezone: BrowserTimezone = None
    identify: Identify | None = None
    resume: Resume | None = None
    keep: bool = False

    @property
    def browser(self) -> Browser:
        return Browser(self.language, self.timezone)


class WantedLink(Body):
    to: Literal["telegram", "page"]


class LinkShape(BaseModel):
    url: str


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
async def chat_page(door: Door, embedded: str = "") -> HTMLResponse:
    return await render_page(door, is_embedded=bool(embedded))


@router.get("/widget.js")
async def widget(door: Door) -> Response:
    """The button and the frame for the shop's own site."""
    return await render_widget(door)


@_sessions.post("/chat/session")
async def open_session(
    door: Door, request: Request, response: Response, body: NewSession | None = None
) -> SessionShape:
    """A new visitor; or whom the shop's site vouches for (`identify`, with the token so far as Bearer); or a way back
    into an earlier conversation (`resume`).
    """
    _must_be_own_page(door, request)
    door.sessions.spend(address_of(request))
    asked = body or NewSession()
    opened = await _open(door, request, asked)
    if asked.keep and asked.identify:
        kept_token.forget(response)
    elif asked.keep:
        kept_token.keep(response, opened.token)
    return SessionShape(token=opened.token, conversation=opened.conversation_id, expires_at=opened.expires_at)


@_sessions.get("/chat/session")
async def recall_session(door: Door, request: Request) -> Response:
    """The session whose token the browser has kept in its cookie; 204 without one."""
    _must_be_own_page(door, request)
    token = kept_token.find(request)
    async with door.database.read() as read:
        found = await sessions.find_session(read, door.box, token, door.clock.now())
    if found is None:
        return Response(status_code=204)
    shape = SessionShape(token=token, conversation=found.conversation_id, expires_at=found.expires_at)
    response = Response(shape.model_dump_json(), media_type="application/json")
    kept_token.keep(response, token)
    return response


async def _open(door: WebDoor, request: Request, asked: NewSession) -> OpenedSession:
    now = door.clock.now()
    if asked.resume and asked.resume.number is not None:
        return await _reopen_case(door, asked.resume.number, asked.resume.contact or "", asked.browser)
    before = await _session_so_far(door, request) if asked.identify else None
    async with door.database.write() as session:
        if asked.identify:
            signed = Signed(**asked.identify.model_dump())
            return await identify(session, door.box, signed, before, asked.browser, now)
        if asked.resume:
            return await resuming.by_code(session, door.box, asked.resume.code or "", asked.browser, now)
        return await sessions.open_session(session, door.box, asked.browser, now)


async def _reopen_case(door: WebDoor, number: int, contact: str, browser: Browser) -> OpenedSession:
    """A wrong contact is counted, and must be committed, before it is refused."""
    now = door.clock.now()
    async with door.database.write() as session:
        await resuming.must_have_tries(session, number, now)
        opened = await resuming.by_case(session, door.box, number, contact, browser, now)
        if opened is None:
            await resuming.note_wrong_try(session, number, now)
    if opened is None:
        raise resuming.NoWayBack("number and contact do not fit; five tries a day")
    return opened


async def _session_so_far(door: WebDoor, request: Request) -> WebSession | None:
    """The session of the token that the request carries; None without one, or with one that opens nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    async with door.database.read() as read:
        return await sessions.find_session(read, door.box, token.strip(), door.clock.now())


async def visit(door: Door, request: Request) -> WebSession:
    """Whose token the request carries, as Bearer. Raises ForeignPage, Unauthorised."""
    _must_be_own_page(door, request)
    found = await _session_so_far(door, request)
    if found is None:
        raise Unauthorised("send the session's token as `Authorization: Bearer TOKEN`")
    return found


Visit = Annotated[WebSession, Depends(visit)]


@_sessions.delete("/chat/session", status_code=204)
async def end_session(door: Door, request: Request, found: Visit) -> Response:
    """The token, as Bearer, opens nothing any more; its sockets are closed."""
    async with door.database.write() as session:
        await sessions.revoke(session, found, door.clock.now())
    response = Response(status_code=204)
    kept = kept_token.find(request)
    if not kept or hash_token(kept) == found.token_hash:  # not that of a conversation that was begun meanwhile
        kept_token.forget(response)
    return response


@_sessions.post("/chat/files", status_code=201)
async def upload_file(door: Door, found: Visit, file: Uploaded) -> AttachmentShape:
    """Name its `id` in the `attachments` of a `said` frame. 10 MB at most; pictures lose place and camera."""
    async with door.database.read() as session:
        uploader = await sessions.uploader_of(session, found)
    return await keep_upload(door.database, door.files, uploader, file, door.clock.now())


@_sessions.get("/chat/transcript")
async def transcript(door: Door, found: Visit) -> Response:
    """The visitor's conversation as a text file, with times in their zone."""
    async with door.database.read() as session:
        facts, _sample = await read_shop(session)
        voice = Texts.shipped().voice(found.language or door.settings.language.value, facts)
        zone = ZoneInfo(found.timezone) if found.timezone else door.settings.timezone
        text = await write_transcript(session, found.conversation_id, voice, zone)
    headers = {"Content-Disposition": 'attachment; filename="conversation.txt"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


@_sessions.post("/chat/links")
async def make_link(door: Door, request: Request, found: Visit, body: WantedLink) -> LinkShape:
    """An address with a one-time code that carries the conversation on: in Telegram, or in another browser."""
    async with door.database.write() as session:
        if body.to == "telegram":
            return LinkShape(url=await telegram_link(session, found, door.clock.now()))
        code = await resuming.make_code(session, found.conversation_id, door.clock.now())
    base = door.settings.public_url or str(request.base_url).rstrip("/")
    return LinkShape(url=f"{base}/#resume={code}")


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
