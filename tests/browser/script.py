"""A server's part spoken by the test, frame by frame, on the page's socket."""

import asyncio
import json
from typing import Any

from playwright.async_api import Page, WebSocketRoute

PATIENCE = 10.0  # seconds
MORNING = "2026-03-05T01:02:00Z"


class Script:
    """Answers the page's sockets itself; `up` are the frames that the page sent."""

    def __init__(self) -> None:
        self.up: asyncio.Queue[Any] = asyncio.Queue()
        self.socket: WebSocketRoute | None = None

    async def attach(self, page: Page) -> None:
        await page.route_web_socket("**/chat/socket", self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        socket.on_message(lambda frame: self.up.put_nowait(json.loads(frame)))

    async def heard(self, kind: str) -> dict[str, Any]:
        """The next frame up of that kind; others are passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame: dict[str, Any] = await self.up.get()
                if frame["type"] == kind:
                    return frame

    def tell(self, kind: str, **fields: Any) -> None:
        assert self.socket is not None
        self.socket.send(json.dumps({"type": kind} | fields))

    def message(self, seq: int, text: str, **fields: Any) -> None:
        """A message of the bot, unless told otherwise."""
        plain = {"id": f"m{seq}", "seq": seq, "author": "bot", "text": text, "buttons": [], "at": MORNING}
        self.tell("message", **plain | fields)

    def echo(self, seq: int, said: dict[str, Any], **fields: Any) -> None:
        """The visitor's own words come back."""
        self.message(seq, said.get("text", ""), **{"author": "customer", "message_id": said["id"]} | fields)

    async def hang_up(self, code: int) -> None:
        assert self.socket is not None
        await self.socket.close(code=code)
