"""A browser's side of the web chat, frame by frame."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]
PATIENCE = 10.0  # seconds


@dataclass
class WebVisitor:
    """One browser: keeps its token and the last `seq` it knows, over any number of sockets. `frames`: all that came."""

    url: str
    token: str
    conversation: int
    after: int = 0
    frames: list[Frame] = field(default_factory=list)
    _socket: ClientConnection | None = None
    _reading: asyncio.Task[None] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    close_code: int | None = None

    async def connect(self, origin: str | None = None, **hello: Any) -> None:
        """Opens a socket and says hello."""
        await self.open_socket(origin)
        await self.send(type="hello", **{"token": self.token, "after": self.after, **hello})

    async def open_socket(self, origin: str | None = None) -> None:
        address = self.url.replace("http", "ws") + "/chat/socket"
        self._socket = await connect(address, origin=origin, max_size=None, proxy=None)  # type: ignore[arg-type]
        self.close_code = None
        self._reading = asyncio.create_task(self._read(self._socket))

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                frame = json.loads(text)
                async with self._news:
                    self.frames.append(frame)
                    if frame["type"] == "message":
                        self.after = max(self.after, frame["seq"])
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        async with self._news:
            self.close_code = socket.close_code
            self._news.notify_all()

    async def send(self, **frame: Any) -> None:
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        assert self._socket is not None
        await self._socket.send(text)

    async def say(self, text: str, id_: str) -> None:
        await self.send(type="said", id=id_, text=text)

    async def until(self, is_so: Callable[["WebVisitor"], Any], seconds: float = PATIENCE) -> None:
        """Returns once `is_so(self)`. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: is_so(self))

    async def sees(self, text: str) -> Frame:
        """The first message that holds `text`, once it is there."""
        await self.until(lambda visitor: any(text in message["text"] for message in visitor.messages))
        return next(message for message in self.messages if text in message["text"])

    async def is_closed(self) -> int:
        """The code that the socket was closed with."""
        await self.until(lambda visitor: visitor.close_code is not None)
        assert self.close_code is not None
        return self.close_code

    def by(self, author: str) -> list[Frame]:
        return [message for message in self.messages if message["author"] == author]

    @property
    def messages(self) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == "message"]

    @property
    def state(self) -> Frame | None:
        """Who answers, as was told last."""
        return next((frame for frame in reversed(self.frames) if frame["type"] == "state"), None)

    @property
    def errors(self) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == "error"]

    async def leave(self) -> None:
        """The tab is closed, or the line is lost; the token stays."""
        if self._socket is not None and self._reading is not None:
            await self._socket.close()
            await self._reading


def browser(url: str, token: str | None = None, **headers: str) -> httpx.AsyncClient:
    """What a browser sends beside its socket; `token` as Bearer."""
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(base_url=url, headers=headers | bearer, trust_env=False, verify=False, timeout=40)


async def new_visitor(url: str, **facts: str) -> WebVisitor:
    """A browser that has opened the page for the first time."""
    async with browser(url) as client:
        response = await client.post("/chat/session", json=facts)
    response.raise_for_status()
    opened = response.json()
    return WebVisitor(url, opened["token"], opened["conversation"])


@asynccontextmanager
async def visiting(url: str, **facts: str) -> AsyncIterator[WebVisitor]:
    """A new browser with an open socket."""
    visitor = await new_visitor(url, **facts)
    await visitor.connect(**facts)
    try:
        yield visitor
    finally:
        await visitor.leave()
