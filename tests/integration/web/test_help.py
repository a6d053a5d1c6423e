"""`/help/{key}`: one article to read, in the reader's language, and a page in plain words where there is none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.shop import write_shop
from core.shop_facts import Localised, ShopFacts
from knowledge_base.article_audit import Edit
from knowledge_base.articles import create_article
from knowledge_base.content import checked
from knowledge_base.values import ArticleStatus
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles

ARTICLES: dict[tuple[str, str], dict[str, object]] = {
    ("visit", "zh"): {
        "question": "怎么去店里？",
        "answer": "**{address}**，营业时间{hours}。<b>\n- 坐地铁\n- 走路",
        "related": ["delivery", "secret", "nowhere"],
        "category": "店铺",
    },
    ("secret", "zh"): {"question": "进货价？", "answer": "10元", "audience": "agent"},
    ("a b+c?d", "en"): {"question": "Odd key?", "answer": "Yes."},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    folder: Path = tmp_path_factory.mktemp("help")
    with sqlite_files.fresh() as url:
        async with running_app(make_settings(url, folder), with_loops=False) as running:
            now = running.clock.now()
            async with running.database.write() as session:
                hours = Localised(zh="9点到18点")
                facts = ShopFacts(address=Localised(zh="满觉陇路999号"), hours_text=hours, color="#123456")
                await write_shop(session, facts, "test", now)
                for (key, language), document in ARTICLES.items():
                    content = checked(document)
                    await create_article(session, key, language, content, Edit("t", now), ArticleStatus.PUBLISHED)
                draft = checked({"question": "Draft?", "answer": "Not yet."})
                await create_article(session, "draft", "en", draft, Edit("t", now))
            await running.services.knowledge.refresh()
            yield running


async def read(app: RunningApp, path: str, language: str = "zh-CN") -> tuple[int, str]:
    async with app.client() as browser:
        response = await browser.get(path, headers={"Accept-Language": f"{language},fr;q=0.5"})
        assert "default-src 'none'" in response.headers["content-security-policy"]
        return response.status_code, response.text


@pytest.mark.asyncio(loop_scope="module")
async def test_an_article_is_read_with_the_shops_facts_and_nothing_runs(app: RunningApp) -> None:
    status, html = await read(app, "/help/visit")
    assert status == 200
    assert "<strong>满觉陇路999号</strong>，营业时间9点到18点。&lt;b&gt;" in html
    assert "<li>坐地铁</li>" in html
    assert 'lang="zh-CN"' in html
    assert 'href="/help/visit?language=en"' in html


@pytest.mark.asyncio(loop_scope="module")
async def test_related_articles_are_those_that_customers_may_read(app: RunningApp) -> None:
    _, html = await read(app, "/help/visit")
    assert 'href="/help/delivery?language=zh"' in html
    assert "secret" not in html
    assert "nowhere" not in html


@pytest.mark.asyncio(loop_scope="module")
async def test_the_language_is_the_one_asked_for_and_what_exists_in_the_other_one_says_so(app: RunningApp) -> None:
    _, english = await read(app, "/help/delivery", "en-GB")
    _, chinese = await read(app, "/help/delivery?language=zh", "en-GB")
    _, only_chinese = await read(app, "/help/visit", "en-GB")
    assert "How long does delivery take?" in english
    assert "多久能送到？" in chinese
    assert "only have this one in Chinese" in only_chinese
    assert '<article lang="zh-CN">' in only_chinese


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("key", ["nowhere", "secret", "draft", "%00", "../x", "a%2Fb"])
async def test_what_customers_do_not_get_is_a_page_in_plain_words(app: RunningApp, key: str) -> None:
    async with app.client() as browser:
        response = await browser.get(f"/help/{key}", headers={"Accept-Language": "zh"})
    assert response.status_code == 404
    if key in ("nowhere", "secret", "draft"):
        assert "没有找到这一页" in response.text


@pytest.mark.asyncio(loop_scope="module")
async def test_a_key_with_odd_characters_has_its_page(app: RunningApp) -> None:
    status, html = await read(app, "/help/a%20b%2Bc%3Fd", "en")
    assert (status, 'href="/help/a%20b%2Bc%3Fd?language=zh"' in html) == (200, True)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_style_has_the_shops_colour(app: RunningApp) -> None:
    async with app.client() as browser:
        style = await browser.get("/help.css")
    assert style.headers["content-type"].startswith("text/css")
    assert style.text.startswith(":root { --brand: #123456; }")
