"""Pictures of the chat for the README: `python -m tests.browser.take_screenshots ADDRESS DIRECTORY`."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright, expect

from tests.browser.conftest import CHROMIUM, DEADLINE, DESKTOP, PHONE
from tests.browser.visitor import Visitor

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


async def take_all(address: str, directory: Path) -> None:
    expect.set_options(timeout=DEADLINE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, options in PICTURES.items():
            await take(browser, address, directory / f"{name}.png", options)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(take_all(sys.argv[1], Path(sys.argv[2])))
