"""A visitor of a shop's site that shows the chat as a widget."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from playwright.async_api import Frame, FrameLocator, Locator, Page, ViewportSize, expect


@dataclass
class Guest:
    """One tab with the shop's page. `chat` is what the widget's frame shows."""

    page: Page

    @property
    def launcher(self) -> Locator:
        return self.page.locator("kefu-widget .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.locator("kefu-widget .panel")

    @property
    def badge(self) -> Locator:
        return self.page.locator("kefu-widget .badge")

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("kefu-widget iframe")

    @property
    def frame(self) -> Frame:
        """The widget's frame itself."""
        return next(frame for frame in self.page.frames if "embedded=1" in frame.url)

    @property
    def composer(self) -> Locator:
        return self.chat.locator("#text")

    def by(self, author: str) -> Locator:
        return self.chat.locator(f".message.{author}")

    async def arrive(self, url: str) -> None:
        await self.page.goto(url)
        await self.page.wait_for_function("window.Kefu")

    async def open(self) -> None:
        """Returns once the chat has its words, and listens."""
        await self.launcher.click()
        await self.is_ready()

    async def open_by_keyboard(self) -> None:
        """The button follows what the page holds itself; then the composer has the focus."""
        await self.page.locator("#buy").focus()
        await self.page.keyboard.press("Tab")
        await expect(self.launcher).to_be_focused()
        await self.page.keyboard.press("Enter")
        await self.is_ready()
        await expect(self.composer).to_be_focused()

    async def is_ready(self) -> None:
        await expect(self.chat.locator("#who")).not_to_be_empty()
        await expect(self.composer).to_be_visible()

    async def look(self, size: ViewportSize, scheme: Literal["light", "dark"]) -> None:
        """The window gets another size, the night falls."""
        await self.page.set_viewport_size(size)
        await self.page.emulate_media(color_scheme=scheme)

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str, *, times: int = 1) -> None:
        """So many messages hold that text."""
        shown = self.chat.locator(".message .text", has_text=re.compile(re.escape(text)))
        await expect(shown).to_have_count(times)

    async def call(self, name: str, *given: Any) -> None:
        """`Kefu.open()` and the like, as the shop's own script calls them."""
        await self.page.evaluate("([name, given]) => { window.Kefu[name](...given) }", [name, list(given)])

    async def kept(self, key: str) -> str | None:
        """What the frame keeps in its own storage."""
        found: str | None = await self.composer.evaluate("(_, key) => localStorage.getItem('kefu.' + key)", key)
        return found
