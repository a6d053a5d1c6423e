"""The chat page and its session and socket."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, WebSocket
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from admin.api.errors import Unauthorised
from admin.api.fields import Body
from admin.api.writing import ApiRoute
from bot.web import sessions
from bot.web.door import WebDoor, address_of, is_own_page
from bot.web.frames import BrowserLanguage, BrowserTimezone
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


@_sessions.delete("/chat/session", status_code=204)
async def end_session(door: Door, request: Request) -> Response:
    """The token, as Bearer, opens nothing any more; its sockets are closed."""
    _must_be_own_page(door, request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    now = door.clock.now()
    async with door.database.read() as read:
        found = await sessions.find_session(read, door.box, token.strip(), now) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthorised("send the session's token as `Authorization: Bearer TOKEN`")
    async with door.database.write() as session:
        await sessions.revoke(session, found, now)
    return Response(status_code=204)


@router.websocket("/chat/socket")
async def chat_socket(door: Door, socket: WebSocket) -> None:
    await serve_socket(door, socket)


def _must_be_own_page(door: WebDoor, request: Request) -> None:
    if not is_own_page(door, request):
        raise ForeignPage("the chat is opened from the shop's own page")


router.include_router(_sessions)
