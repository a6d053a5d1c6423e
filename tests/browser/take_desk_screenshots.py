"""Pictures of the plain pages for the documentation: `python -m tests.browser.take_desk_screenshots FOLDER`."""

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from admin.api.context import PREFIX
from admin.pages.wording import words
from conversations.desk import canned
from conversations.desk.canned import CannedText
from conversations.values import DeliveryState
from customers import tasks
from customers.tasks import PrivacyWish, TaskDraft
from customers.values import TaskKind
from knowledge_base import labels, synonyms
from knowledge_base.article_audit import Edit
from migrations.runner import migrate
from staff import teams
from staff.values import Role
from tests.browser.conftest import CHROMIUM, DEADLINE, DESKTOP, PHONE
from tests.browser.pictures import take_picture
from tests.integration.pages.browsing import on_telegram
from tests.integration.pages.strays import troubled
from tests.support.app import RunningApp, make_settings, running_app

#: What is shown, on which page, on how wide a screen; each in both languages.
PICTURES: list[tuple[str, str, ViewportSize]] = [
    ("desk-queue-narrow", "/admin?view=unassigned", PHONE),
    ("desk-more-narrow", "/admin/tasks#more", PHONE),
    ("desk-case-narrow", "/admin/cases/1001", PHONE | {"height": 1100}),
    ("desk-case-wide", "/admin/cases/1001", DESKTOP | {"height": 900}),
    ("desk-tasks-narrow", "/admin/tasks", PHONE),
    ("desk-me-narrow", "/admin/me", PHONE),
    ("owner-article-narrow", "/admin/articles/delivery?language={language}", PHONE | {"height": 1100}),
    ("owner-labels-wide", "/admin/labels", DESKTOP | {"height": 700}),
    ("owner-synonyms-narrow", "/admin/synonyms", PHONE),
    ("owner-figures-wide", "/admin/figures", DESKTOP),
    ("owner-astray-wide", "/admin/astray/deliveries/{delivery}", DESKTOP | {"height": 560}),
    ("owner-try-narrow", "/admin/programmes/birthday", PHONE),
    ("owner-erase-narrow", "/admin/customers/1/erase", PHONE),
    ("owner-teams-narrow", "/admin/teams", PHONE),
    ("owner-audit-wide", "/admin/audit?kind=ticket", DESKTOP | {"height": 560}),
]
SAID = [
    ("C-1", "王女士", "收到的茶罐破了，太失望了"),
    ("C-2", "李先生", "转人工"),
    ("C-3", "May", "My order is late, I want to complain"),
]
PLACEHOLDERS = CannedText(zh="{customer}您好，{number}号给您补发。", en="{customer}, a new tin is on its way.")


async def fill(app: RunningApp) -> tuple[str, int]:
    """Three people wait, one case is taken, and there is something on every page; the key of whoever looks, and what
    did not arrive.
    """
    key = await app.add_staff("小李", Role.ADMIN, alias="小李")
    await app.add_staff("小陈", Role.AGENT, alias="小陈")
    async with app.client(await app.add_staff("shop", Role.CHANNEL)) as shop:
        for number, (customer, name, text) in enumerate(SAID):
            said = {"customer": customer, "message_id": f"m{number}", "text": text, "name": name}
            (await shop.post(f"{PREFIX}/messages", json=said)).raise_for_status()
    await furnish(app)
    async with app.client(key) as li:
        reply = {"text": "您好，我是小李，明天上午给您补发。"}
        (await li.post(f"{PREFIX}/tickets/1001/reply", json=reply)).raise_for_status()
        version = (await li.get(f"{PREFIX}/tickets/1002")).json()["version"]
        given = {"version": version, "agent": "小陈", "team": "茶叶组"}
        (await li.post(f"{PREFIX}/tickets/1002/assign", json=given)).raise_for_status()
    await on_telegram(app)
    return key, await troubled(app, 1003, "小李", DeliveryState.UNKNOWN)


async def furnish(app: RunningApp) -> None:
    now, edit = app.clock.now(), Edit("小李", app.clock.now())
    call = TaskDraft(TaskKind.CALL, "call_back", 1, due_at=now + timedelta(hours=3), data={"ticket": 1001})
    async with app.database.write() as session:
        await canned.save(session, "补发", PLACEHOLDERS, by="小李", now=now)
        for question, language in (("多久能送到", "zh"), ("when will it arrive", "en")):
            await labels.set_label(session, question, "delivery", language, edit)
        await synonyms.replace_synonyms(session, [("退款", "退钱"), ("refund", "money back")], edit)
        await teams.save_team(session, "茶叶组", ["小李", "小陈"], None, by="小李", now=now)
        await tasks.add_task(session, call, now)
        await tasks.ask_privacy(session, 3, PrivacyWish.CORRECTION, now)


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


async def take(page: Page, app: RunningApp, folder: Path, language: str, delivery: int) -> None:
    for name, address, viewport in PICTURES:
        await page.set_viewport_size(viewport)
        address, _, opened = address.format(language=language, delivery=delivery).partition("#")
        await page.goto(f"{app.url}{address}")
        if opened:
            await page.locator("#more-pages summary").click()
        if address == "/admin/me":
            await page.get_by_role("button", name=words(language)["join_telegram"]).click()
        await take_picture(page, folder, f"{name}-{language}")


async def take_all(folder: Path) -> None:
    expect.set_options(timeout=DEADLINE)
    with tempfile.TemporaryDirectory() as data:
        url = f"sqlite+aiosqlite:///{data}/kefu.db"
        await migrate(url)
        async with running_app(make_settings(url, Path(data)), listens=True) as app, async_playwright() as playwright:
            key, delivery = await fill(app)
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for language in ("zh", "en"):
                page = await signed_in(browser, app, key, language, PHONE)
                await take(page, app, folder, language, delivery)
                await page.context.close()
            await browser.close()


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1])))
