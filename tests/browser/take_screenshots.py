"""Pictures of the chat for the documentation: `python -m tests.browser.take_screenshots ADDRESS DIRECTORY`.

For those of the widget Kefu runs with `KEFU_WIDGET_ORIGINS=http://localhost:8765`.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from tests.browser.conftest import CHROMIUM, DEADLINE, DESKTOP, PHONE
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite, shop_site
from tests.browser.pictures import take_picture
from tests.browser.visitor import Visitor
from tests.unit.conversations.test_media import picture

PORT = 8765
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
_PHONE: dict[str, Any] = {"viewport": PHONE, "device_scale_factor": 2, "has_touch": True}
_DESK: dict[str, Any] = {"viewport": DESKTOP}
#: Each in its language, on a phone and in a wide window, by day and by night.
LOOKS: list[tuple[str, str, dict[str, Any]]] = [
    ("narrow-zh", "zh", _PHONE),
    ("narrow-dark-en", "en", _PHONE | {"color_scheme": "dark"}),
    ("wide-en", "en", _DESK),
    ("wide-dark-zh", "zh", _DESK | {"color_scheme": "dark"}),
]
QUESTIONS = {"zh": ["在吗", "多久发货？"], "en": ["hello", "how long does delivery take?"]}
LABELS = {"zh": "问一问", "en": "Ask us"}
PERSON = {"zh": "人工", "en": "person"}
PHOTOS = {"zh": "茶罐.jpg", "en": "tea-tin.jpg"}


@asynccontextmanager
async def new_page(browser: Browser, language: str, look: dict[str, Any], zone: str) -> AsyncIterator[Page]:
    context = await browser.new_context(reduced_motion="reduce", timezone_id=zone, locale=LOCALES[language], **look)
    yield await context.new_page()
    await context.close()


async def take_page(browser: Browser, address: str, folder: Path) -> None:
    """The chat as a page of its own."""
    for name, language, look in LOOKS:
        async with new_page(browser, language, look, "Asia/Shanghai") as page:
            visitor = Visitor(page)
            await visitor.open(address)
            for question in QUESTIONS[language]:
                answered = await visitor.by("bot").count()
                await visitor.say(question)
                await expect(visitor.by("bot").nth(answered)).to_be_visible()
            await take_picture(page, folder, f"chat-{name}")


async def take_widget(browser: Browser, site: ShopSite, folder: Path) -> None:
    """The button alone, then the chat, on a shop's page."""
    for name, language, look in LOOKS:
        async with new_page(browser, language, look, "Europe/London") as page:
            guest = await arrived(page, site, language)
            await take_picture(page, folder, f"widget-button-{name}")
            await guest.open()
            await guest.say(QUESTIONS[language][1])
            await expect(guest.by("bot").first).to_be_visible()
            await take_picture(page, folder, f"widget-{name}")


async def take_sheets(browser: Browser, site: ShopSite, folder: Path) -> None:
    """The ways back, and files that go along."""
    for language in LOCALES:
        async with new_page(browser, language, _PHONE, "Europe/London") as page:
            guest = await arrived(page, site, language)
            await guest.open()
            await guest.say(PERSON[language])
            await guest.chat.locator("#away").click()
            await take_picture(page, folder, f"widget-ways-narrow-{language}")
            await guest.chat.locator("#menu-sheet .cross").click()
            await guest.chat.locator("#attach").click()
            photo = FilePayload(name=PHOTOS[language], mimeType="image/jpeg", buffer=picture(size=(600, 400)))
            await guest.chat.locator("#picked").set_input_files([photo])
            await expect(guest.chat.locator("#files .ready")).to_be_visible()
            await take_picture(page, folder, f"widget-files-narrow-{language}")


async def arrived(page: Page, site: ShopSite, language: str) -> Guest:
    site.language = {"zh": "zh-CN", "en": "en"}[language]
    site.set_attributes(label=LABELS[language])
    guest = Guest(page)
    await guest.arrive(site.origin)
    return guest


async def take_all(address: str, folder: Path) -> None:
    expect.set_options(timeout=DEADLINE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        await take_page(browser, address, folder)
        async with shop_site(PORT) as site:
            site.chat = address.rstrip("/")
            await take_widget(browser, site, folder)
            await take_sheets(browser, site, folder)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(take_all(sys.argv[1], Path(sys.argv[2])))
