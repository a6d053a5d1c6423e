"""Pictures of the chat for the documentation: `python -m tests.browser.take_screenshots ADDRESS DIRECTORY`.

For those of the widget Kefu runs with `KEFU_WIDGET_ORIGINS=http://localhost:8765`.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, FilePayload, async_playwright, expect

from tests.browser.conftest import CHROMIUM, DEADLINE, DESKTOP, PHONE
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite, shop_site
from tests.browser.visitor import Visitor
from tests.unit.conversations.test_media import picture

PORT = 8765
PICTURES: dict[str, dict[str, Any]] = {
    "chat-narrow-zh": {"locale": "zh-CN", "viewport": PHONE, "device_scale_factor": 2},
    "chat-wide-en": {"locale": "en-GB", "viewport": DESKTOP},
    "chat-narrow-dark-en": {"locale": "en-GB", "viewport": PHONE, "device_scale_factor": 2, "color_scheme": "dark"},
    "chat-wide-dark-zh": {"locale": "zh-CN", "viewport": DESKTOP, "color_scheme": "dark"},
}
QUESTIONS = {"zh-CN": ["在吗", "多久发货？"], "en-GB": ["hello", "how long does delivery take?"]}


async def take(browser: Browser, address: str, path: Path, options: dict[str, Any]) -> None:
    context = await browser.new_context(reduced_motion="reduce", timezone_id="Asia/Shanghai", **options)
    visitor = Visitor(await context.new_page())
    await visitor.open(address)
    for question in QUESTIONS[options["locale"]]:
        answered = await visitor.by("bot").count()
        await visitor.say(question)
        await expect(visitor.by("bot").nth(answered)).to_be_visible()
    await visitor.page.screenshot(path=path)
    await context.close()


async def take_widget(browser: Browser, site: ShopSite, path: Path, options: dict[str, Any]) -> None:
    site.language = {"zh-CN": "zh-CN", "en-GB": "en"}[options["locale"]]
    context = await browser.new_context(reduced_motion="reduce", timezone_id="Europe/London", **options)
    guest = Guest(await context.new_page())
    await guest.arrive(site.origin)
    await guest.open()
    await guest.say(QUESTIONS[options["locale"]][1])
    await expect(guest.by("bot").first).to_be_visible()
    await guest.page.screenshot(path=path)
    await context.close()


async def take_sheets(browser: Browser, site: ShopSite, directory: Path) -> None:
    """The ways back, and files that go along."""
    site.language = "zh-CN"
    options: dict[str, Any] = {"locale": "zh-CN", "viewport": PHONE, "device_scale_factor": 2, "has_touch": True}
    context = await browser.new_context(reduced_motion="reduce", timezone_id="Asia/Shanghai", **options)
    guest = Guest(await context.new_page())
    await guest.arrive(site.origin)
    await guest.open()
    await guest.say("人工")
    await guest.chat.locator("#away").click()
    await guest.page.screenshot(path=directory / "widget-ways-narrow-zh.png")
    await guest.chat.locator("#menu-sheet .cross").click()
    await guest.chat.locator("#attach").click()
    photo = FilePayload(name="茶罐.jpg", mimeType="image/jpeg", buffer=picture(size=(600, 400)))
    await guest.chat.locator("#picked").set_input_files([photo])
    await expect(guest.chat.locator("#files .ready")).to_be_visible()
    await guest.page.screenshot(path=directory / "widget-files-narrow-zh.png")
    await context.close()


async def take_all(address: str, directory: Path) -> None:
    expect.set_options(timeout=DEADLINE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, options in PICTURES.items():
            await take(browser, address, directory / f"{name}.png", options)
        async with shop_site(PORT) as site:
            site.chat = address.rstrip("/")
            for name, options in PICTURES.items():
                await take_widget(browser, site, directory / f"{name.replace('chat', 'widget')}.png", options)
            await take_sheets(browser, site, directory)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(take_all(sys.argv[1], Path(sys.argv[2])))
