"""`/chat/socket`: the visitor's frames go into the inbox, what is said comes out of the feed.

Nothing is answered here: one's own message comes back as a `message` once the timeline has it.
"""

import asyncio
import contextlib
import json
from datetime import datetime

import structlog
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.web import sessions
from bot.web.contacts import keep_contact
from bot.web.door import WebDoor, address_of, is_own_page
from bot.web.feed import Follower
from bot.web.frames import (
    MAX_FRAME,
    MAX_SEQ,
    UP,
    Code,
    ContactFrame,
    ErrorFrame,
    Hello,
    PressedFrame,
    SaidFrame,
    SeenFrame,
    TypingFrame,
    TypingUp,
    Up,
    write_frame,
)
from bot.web.models import WebSession
from conversations import inbox, repository, sender_limits
from conversations.uploads import UploadNotFound
from conversations.values import Pressed, Said, Visitor
from core.database import WriteSession
from core.errors import InvalidInput, LimitExceeded
from core.outages import LOST
from core.tasks import end

log = structlog.get_logger(__name__)

_HELLO_SECONDS = 15.0
_CLOSE_SECONDS = 2.0
#: Frames of any kind that one socket may send in a minute.
_FRAMES_PER_MINUTE = 600
#: A visitor who goes on this often after having been asked to wait is let go.
_WARNINGS = 20


class Closed(Exception):
    """The socket is to be closed with `code`."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code


async def serve_socket(door: WebDoor, socket: WebSocket) -> None:
    """Talks with one page until either side has enough."""
    await socket.accept()
    try:
        _must_be_welcome(door, socket)
        hello, session = await _greet(door, socket)
        with door.feed.following(session.id, session.conversation_id, hello.after) as follower:
            await _talk(Talk(door, socket, session, hello, follower))
    except Closed as closed:
        await _close(socket, closed.code)
    except WebSocketDisconnect:
        return
    except LOST as error:
        log.info("web.socket_let_go", error=type(error).__name__)
        await _close(socket, Code.AGAIN_LATER)


def _must_be_welcome(door: WebDoor, socket: WebSocket) -> None:
    if not is_own_page(door, socket):
        raise Closed(Code.ORIGIN)
    try:
        door.sockets.spend(address_of(socket))
    except LimitExceeded:
        raise Closed(Code.TOO_FAST) from None


async def _greet(door: WebDoor, socket: WebSocket) -> tuple[Hello, WebSession]:
    """Who is there. Raises Closed when that cannot be told."""
    async with asyncio.timeout(_HELLO_SECONDS):
        text = await _receive(socket)
    try:
        hello = UP.validate_json(text)
    except ValidationError:
        raise Closed(Code.TOKEN) from None
    if not isinstance(hello, Hello):
        raise Closed(Code.TOKEN)
    now = door.clock.now()
    async with door.database.read() as read:
        session = await sessions.find_session(read, door.box, hello.token, now)
    if session is None:
        raise Closed(Code.TOKEN)
    if not sessions.is_visit_noted(session, now):
        async with door.database.write() as write:
            await sessions.note_visit(write, session, now)
    return hello, session


async def _receive(socket: WebSocket) -> str:
    """One text frame. Raises WebSocketDisconnect, Closed."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text: str = message.get("text") or ""
    if len(text) > MAX_FRAME or message.get("bytes"):
        raise Closed(Code.TOO_BIG)
    return text


async def _talk(talk: "Talk") -> None:
    """Reads and writes at the same time; the first to end ends the other.

    A page that has left is still read to the end: what it sent before it left was received.
    """
    listening, speaking = asyncio.create_task(talk.listen()), asyncio.create_task(talk.speak())
    try:
        await asyncio.wait((listening, speaking), return_when=asyncio.FIRST_COMPLETED)
        if speaking.done() and not isinstance(speaking.exception(), WebSocketDisconnect):
            return speaking.result()
        return await listening
    finally:
        await end(listening, speaking)


async def _close(socket: WebSocket, code: Code) -> None:
    if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
        # Who does not read cannot be told either.
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await socket.close(code)


class Talk:
    """One open socket whose visitor is known."""

    def __init__(self, door: WebDoor, socket: WebSocket, session: WebSession, hello: Hello, follower: Follower) -> None:
        self._door = door
        self._socket = socket
        self._session = session
        self._follower = follower
        self._visitor = Visitor(
            external_id=session.visitor,
            language=hello.language or session.language,
            timezone=hello.timezone or session.timezone,
        )
        self._shares = door.shares(session.visitor, address_of(socket))
        self._warnings = 0
        self._budget = _FRAMES_PER_MINUTE
        self._budget_until = 0.0

    async def speak(self) -> None:
        """Sends what the feed brings. Raises Closed, TimeoutError for a reader who does not read."""
        frames = self._follower.frames
        while isinstance(frame := await frames.get(), str):
            async with asyncio.timeout(self._door.send_seconds):
                await self._socket.send_text(frame)
            if self._follower.is_starved and frames.empty():
                self._door.feed.look_at(self._follower.conversation_id)
        raise Closed(frame)

    async def listen(self) -> None:
        """Takes the visitor's frames. Raises Closed, WebSocketDisconnect."""
        while True:
            text = await _receive(self._socket)
            self._spend_frame()
            try:
                await self._take(UP.validate_json(text))
            except ValidationError as error:
                self._complain("invalid_input", _first_fault(error), _id_in(text))

    def _spend_frame(self) -> None:
        now = asyncio.get_running_loop().time()
        if now > self._budget_until:
            self._budget, self._budget_until = _FRAMES_PER_MINUTE, now + 60
        self._budget -= 1
        if self._budget < 0:
            raise Closed(Code.TOO_FAST)

    async def _take(self, frame: Up) -> None:
        match frame:
            case SaidFrame() | PressedFrame():
                await self._take_event(frame)
            case SeenFrame():
                await self._take_seen(frame.seq)
            case ContactFrame():
                await self._take_contact(frame)
            case TypingUp():
                return
            case Hello():
                self._complain("invalid_input", "this socket has said hello already")

    async def _take_event(self, frame: SaidFrame | PressedFrame) -> None:
        try:
            is_new = await self._store(frame)
        except UploadNotFound as missing:
            return self._complain(missing.code, missing.detail, frame.id)
        except LimitExceeded as limit:
            self._complain(limit.code, limit.detail, frame.id, limit.retry_after)
            self._warnings += 1
            if self._warnings > _WARNINGS:
                raise Closed(Code.TOO_FAST) from None
            return None
        if is_new and not self._follower.is_with_person:
            self._follower.frames.put_nowait(write_frame(TypingFrame()))
        return None

    async def _store(self, frame: SaidFrame | PressedFrame) -> bool:
        """Commits the event to the inbox; a copy of one that is there changes nothing and counts nothing.

        Raises:
            Closed: the visitor was erased meanwhile, and begins anew.
        """
        door, now = self._door, self._door.clock.now()
        async with door.database.write() as session:
            if await session.get(WebSession, self._session.id) is None:
                raise Closed(Code.TOKEN)
            received = await inbox.receive(
                session,
                account=sessions.ACCOUNT,
                external_id=f"{self._session.visitor}:{frame.id}",
                lane=self._session.visitor,
                raw=(await self._event(session, frame, now)).model_dump(mode="json"),
                now=now,
            )
            if received.is_new:
                await sender_limits.spend(session, self._shares, now)
        return received.is_new

    async def _event(self, session: WriteSession, frame: SaidFrame | PressedFrame, now: datetime) -> Said | Pressed:
        if isinstance(frame, PressedFrame):
            return Pressed(visitor=self._visitor, at=now, message_id=frame.id, button=frame.button)
        files = await sessions.attach_files(session, self._session, frame.attachments, now)
        return Said(visitor=self._visitor, at=now, message_id=frame.id, text=frame.text, attachments=files)

    async def _take_contact(self, frame: ContactFrame) -> None:
        try:
            now = self._door.clock.now()
            async with self._door.database.write() as session:
                await keep_contact(session, self._session, frame.email, frame.phone, now)
                await sender_limits.spend(session, self._shares, now)
        except (InvalidInput, LimitExceeded) as error:
            self._complain(error.code, error.detail)

    async def _take_seen(self, seq: int) -> None:
        """Read is what was shown: never more than there is, never less than before."""
        async with self._door.database.write() as session:
            await repository.mark_seen(session, self._session.conversation_id, min(seq, MAX_SEQ))

    def _complain(self, error: str, detail: str, about: str | None = None, retry_after: int | None = None) -> None:
        frame = ErrorFrame(error=error, detail=detail, id=about, retry_after=retry_after)
        self._follower.frames.put_nowait(write_frame(frame))


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = ".".join(str(part) for part in fault["loc"])
    return f"{path}: {fault['msg']}" if path else fault["msg"]


def _id_in(text: str) -> str | None:
    """The `id` of a frame that is otherwise wrong, so that the page knows which of its messages failed."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given if isinstance(given, str) and len(given) <= 200 else None
