"""Pictures of the plain pages for the documentation: `python -m tests.browser.take_desk_screenshots FOLDER`."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from admin.api.context import PREFIX
from admin.pages.wording import words
from conversations.desk import canned
from conversations.desk.canned import CannedText
from migrations.runner import migrate
from staff.values import Role
from tests.browser.conftest import CHROMIUM, DEADLINE, DESKTOP, PHONE
from tests.support.app import RunningApp, make_settings, running_app

#: Name of the picture, the page, in which language, on how wide a screen.
PICTURES: list[tuple[str, str, str, ViewportSize]] = [
    ("desk-queue-narrow-zh", "/admin?view=unassigned", "zh", PHONE),
    ("desk-case-narrow-zh", "/admin/cases/1001", "zh", PHONE | {"height": 1100}),
    ("desk-case-wide-en", "/admin/cases/1001", "en", DESKTOP | {"height": 900}),
    ("owner-article-narrow-en", "/admin/articles/delivery?language=en", "en", PHONE | {"height": 1100}),
    ("owner-figures-wide-zh", "/admin/figures", "zh", DESKTOP),
]
SAID = [
    ("C-1", "王女士", "收到的茶罐破了，太失望了"),
    ("C-2", "李先生", "转人工"),
    ("C-3", "May", "My order is late, I want to complain"),
]


async def fill(app: RunningApp) -> str:
    """Three people wait, one case is taken; the key of whoever looks."""
    key = await app.add_staff("小李", Role.ADMIN, alias="小李")
    async with app.client(await app.add_staff("shop", Role.CHANNEL)) as shop:
        for number, (customer, name, text) in enumerate(SAID):
            said = {"customer": customer, "message_id": f"m{number}", "text": text, "name": name}
            (await shop.post(f"{PREFIX}/messages", json=said)).raise_for_status()
    async with app.database.write() as session:
        words_of_ours = CannedText(zh="{customer}您好，{number}号给您补发。", en="We are sending {order} again.")
        await canned.save(session, "补发", words_of_ours, by="小李", now=app.clock.now())
    async with app.client(key) as li:
        reply = {"text": "您好，我是小李，明天上午给您补发。"}
        (await li.post(f"{PREFIX}/tickets/1001/reply", json=reply)).raise_for_status()
    return key


async def signed_in(browser: Browser, app: RunningApp, key: str, language: str, viewport: ViewportSize) -> Page:
    options: dict[str, Any] = {"viewport": viewport, "locale": "zh-CN" if language == "zh" else "en-GB"}
    context = await browser.new_context(reduced_motion="reduce", device_scale_factor=1.5, **options)
    page = await context.new_page()
    await page.goto(f"{app.url}/admin")
    if language == "en":
        await page.get_by_role("button", name="English").click()
    say = words(language)
    await page.get_by_label(say["key"]).fill(key)
    await page.get_by_role("button", name=say["sign_in"]).click()
    await expect(page.get_by_role("heading", name=say["queue"])).to_be_visible()
    return page


async def take_all(folder: Path) -> None:
    expect.set_options(timeout=DEADLINE)
    with tempfile.TemporaryDirectory() as data:
        url = f"sqlite+aiosqlite:///{data}/kefu.db"
        await migrate(url)
        async with running_app(make_settings(url, Path(data)), listens=True) as app, async_playwright() as playwright:
            key = await fill(app)
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for name, address, language, viewport in PICTURES:
                page = await signed_in(browser, app, key, language, viewport)
                await page.goto(f"{app.url}{address}")
                await page.screenshot(path=folder / f"{name}.png")
                await page.context.close()
            await browser.close()


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1])))
