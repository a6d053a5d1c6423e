"""An agent's and an owner's work in a real browser: on a phone and a wide screen, in both languages, checked by axe."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from admin.api.app import PREFIX
from admin.pages.rendering import words
from staff.values import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_accessibility import violations
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NewContext = Callable[..., Awaitable[BrowserContext]]
LOOKS = [("zh", PHONE), ("en", DESKTOP), ("en", PHONE | {"height": 700}), ("zh", DESKTOP | {"height": 900})]
PAGES = ["/admin", "/admin/articles", "/admin/articles/delivery?language=en", "/admin/unanswered", "/admin/customers",
         "/admin/money", "/admin/staff"]  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def app(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[RunningApp]:
    with sqlite_files.fresh() as url:
        async with running_app(make_settings(url, tmp_path), listens=True) as running:
            yield running


async def customer_says(app: RunningApp, key: str, message_id: str, text: str) -> None:
    async with app.client(key) as shop:
        said = {"customer": "C-1", "message_id": message_id, "text": text, "name": "王女士"}
        (await shop.post(f"{PREFIX}/messages", json=said)).raise_for_status()


async def signed_in(app: RunningApp, new_context: NewContext, language: str, viewport: dict[str, int]) -> Page:
    options: dict[str, Any] = {"viewport": viewport, "locale": "zh-CN" if language == "zh" else "en-GB"}
    page = await (await new_context(**options)).new_page()
    await page.goto(f"{app.url}/admin")
    if language == "en":
        await page.get_by_role("button", name="English").click()
    say = words(language)
    await page.get_by_label(say["key"]).fill(await app.add_staff("小李", Role.ADMIN, alias="小李"))
    await page.get_by_role("button", name=say["sign_in"]).click()
    await expect(page.get_by_role("heading", name=say["queue"])).to_be_visible()
    return page


async def fits(page: Page) -> bool:
    """Nothing has to be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize(("language", "viewport"), LOOKS)
async def test_a_day_at_the_desk(
    app: RunningApp, new_context: NewContext, language: str, viewport: dict[str, int]
) -> None:
    shop = await app.add_staff("shop", Role.CHANNEL)
    await customer_says(app, shop, "m1", "收到的茶罐破了，太失望了")
    say = words(language)
    page = await signed_in(app, new_context, language, viewport)
    await page.get_by_role("button", name=say["next"]).click()
    await page.get_by_label(say["reply"], exact=True).fill("您好，我是小李，马上给您补发。")
    await page.get_by_role("button", name=say["send"]).click()
    await expect(page.locator("#talk .agent").get_by_text("马上给您补发")).to_be_visible()
    await customer_says(app, shop, "m2", "谢谢，辛苦了")
    await expect(page.locator("#talk .customer").get_by_text("辛苦了")).to_be_visible()
    assert await violations(page) == []
    assert await fits(page)
    await page.get_by_label(say["root_cause"]).select_option(index=1)
    await page.get_by_role("button", name=say["resolve"]).click()
    await expect(page.locator(".facts").get_by_text(say["status_resolved"])).to_be_visible()
    for address in PAGES:
        await page.goto(app.url + address)
        assert await violations(page) == [], address
        assert await fits(page), address
