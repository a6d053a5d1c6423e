"""A visitor at the chat page: what she does and what she sees."""

import contextlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error, Locator, Page, Response, expect


@dataclass
class Visitor:
    """One tab with the chat page. `sent` are the frames that it has sent up."""

    page: Page
    conversation: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("response", self._session_opened)
        self.page.on("websocket", lambda socket: socket.on("framesent", self._frame_sent))

    async def _session_opened(self, response: Response) -> None:
        if response.url.endswith("/chat/session") and response.status == 200:  # 204: no cookie keeps a talk
            with contextlib.suppress(Error):  # the page was closed meanwhile
                self.conversation = str((await response.json())["conversation"])

    def _frame_sent(self, payload: str | bytes) -> None:
        self.sent.append(json.loads(payload))

    async def open(self, url: str) -> None:
        await self.page.goto(url)

    @property
    def composer(self) -> Locator:
        return self.page.locator("#text")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message")

    @property
    def notice(self) -> Locator:
        """The line that tells of a lost connection."""
        return self.page.locator("#connection")

    @property
    def header(self) -> Locator:
        return self.page.locator("#who")

    def by(self, author: str) -> Locator:
        return self.page.locator(f".message.{author}")

    def choice(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=label, exact=True)

    async def say(self, text: str) -> None:
        await expect(self.header).not_to_be_empty()  # the page has its words, and listens
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str, *, times: int = 1) -> None:
        """So many messages hold that text, letter for letter."""
        await expect(self.page.locator(".message .text", has_text=re.compile(re.escape(text)))).to_have_count(times)

    async def sees_nothing_unsent(self) -> None:
        await expect(self.page.locator(".message.unsent")).to_have_count(0)

    async def texts(self) -> list[str]:
        """The texts on the page, from top to bottom."""
        script = "items => items.map(item => item.entry.message.text)"
        texts: list[str] = await self.messages.evaluate_all(script)
        return texts

    async def hide(self, *, hidden: bool = True) -> None:
        """Another tab comes to the front; headless tabs all believe that they are in front."""
        script = """state => { Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
                              document.dispatchEvent(new Event("visibilitychange")); }"""
        await self.page.evaluate(script, "hidden" if hidden else "visible")

    async def kept(self, prefix: str) -> list[str]:
        """The names of what this browser keeps, from `prefix` on."""
        script = "prefix => Object.keys(localStorage).filter(key => key.startsWith(prefix))"
        names: list[Any] = await self.page.evaluate(script, prefix)
        return [str(name) for name in names]
