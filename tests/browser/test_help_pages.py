"""`/help/{key}` in a real browser: an article with all that it may have, on any screen, in both languages, for axe."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from core.shop import write_shop
from core.shop_facts import Localised, ShopFacts
from knowledge_base.article_audit import Edit
from knowledge_base.articles import create_article
from knowledge_base.content import checked
from knowledge_base.values import ArticleStatus
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_accessibility import violations
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANSWER = "**{address}**，营业时间{hours}。\n- 坐地铁到龙翔桥站\n- [看地图](https://example.com/map)\n\n" + "长说明" * 99
ARTICLES: dict[tuple[str, str], dict[str, object]] = {
    ("visit", "zh"): {
        "question": "怎么去店里？" + "ThisWordDoesNotBreakByItself" * 4,
        "answer": ANSWER,
        "related": ["delivery", "parking"],
        "category": "店铺",
        "file": "up0123456789abcdef",
    },
    ("parking", "zh"): {"question": "可以停车吗？", "answer": "可以。", "related": ["visit"]},
    ("parking", "en"): {"question": "Can I park?", "answer": "Yes, behind the house.", "related": ["visit"]},
}
FACTS = ShopFacts(
    address=Localised(zh="满觉陇路999号"), hours_text=Localised(zh="9点到18点"), color="#ffd400",
    privacy_url="https://example.com/privacy",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    with sqlite_files.fresh() as url:
        settings = make_settings(url, tmp_path_factory.mktemp("help"))
        async with running_app(settings, listens=True, with_loops=False) as running:
            edit = Edit("t", running.clock.now())
            async with running.database.write() as session:
                await write_shop(session, FACTS, "test", edit.now)
                for (key, language), document in ARTICLES.items():
                    await create_article(session, key, language, checked(document), edit, ArticleStatus.PUBLISHED)
            await running.services.knowledge.refresh()
            yield running


LOOKS = [
    ("zh-CN", PHONE, "light"), ("en-GB", PHONE, "dark"), ("zh-CN", DESKTOP, "dark"), ("en-GB", DESKTOP, "light"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "viewport", "scheme"), LOOKS)
async def test_an_article_is_read_on_any_screen(
    app: RunningApp,
    new_context: Callable[..., Awaitable[BrowserContext]],
    locale: str,
    viewport: dict[str, int],
    scheme: str,
) -> None:
    options: dict[str, Any] = {"locale": locale, "viewport": viewport, "color_scheme": scheme}
    page = await (await new_context(**options)).new_page()
    for address, heading in (("visit", "怎么去店里"), ("nothing-here", "")):
        await page.goto(f"{app.url}/help/{address}")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert await violations(page) == [], address
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address

    await page.goto(f"{app.url}/help/visit")
    await expect(page.locator(".answer strong")).to_have_text("满觉陇路999号")
    await expect(page.locator(".answer li")).to_have_count(2)
    await expect(page.locator("a[download]")).to_be_visible()
    assert (await page.locator(".remark").count() == 1) == (locale == "en-GB")  # it is there in Chinese alone
    here, there = ("可以停车吗？", "Can I park?") if locale == "zh-CN" else ("Can I park?", "可以停车吗？")
    await page.get_by_role("link", name=here).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(here)
    await page.locator("a.other").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(there)
