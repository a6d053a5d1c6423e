"""The page and the whole program behind it: asks, loses the line, comes back, meets a person."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from staff.values import Role
from tests.browser.conftest import DESKTOP, PHONE, Desk, OpenVisitor
from tests.browser.line import Line
from tests.browser.test_two_tabs import second_tab
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

IN_BOTH_LANGUAGES = [
    ("zh-CN", PHONE, "几天到", "一般 2 到 4 天送到", "自动客服"),
    ("en-GB", DESKTOP, "when will it arrive", "It takes 2-4 days.", "Automatic assistant"),
]


@dataclass
class ApiDesk:
    """An agent who works over HTTP, as the desk does."""

    client: httpx.AsyncClient
    agent: str = "小安"

    async def take(self, id_: str, /) -> None:
        await self._post(id_, "take")

    async def reply(self, id_: str, text: str, /) -> None:
        await self._post(id_, "reply", text=text)

    async def hand_back(self, id_: str, /) -> None:
        await self._post(id_, "hand-back")

    async def newest(self) -> str:
        """The conversation that began last."""
        items = (await self.client.get("/api/v1/conversations")).json()["items"]
        return str(max(item["id"] for item in items))

    async def _post(self, id_: str, what: str, **body: str) -> None:
        answer = await self.client.post(f"/api/v1/conversations/{id_}/{what}", json=body)
        answer.raise_for_status()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    with sqlite_files.fresh() as url:
        settings = make_settings(url, tmp_path_factory.mktemp("shop"))
        async with running_app(settings, listens=True) as running:
            yield running


@pytest_asyncio.fixture(loop_scope="session")
async def line(app: RunningApp) -> AsyncIterator[Line]:
    line = Line(urlsplit(app.url).port or 0)
    await line.mend()
    yield line
    line.cut()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(app: RunningApp) -> AsyncIterator[Desk]:
    async with app.client(await app.add_staff("anna", Role.AGENT, alias="小安")) as client:
        yield ApiDesk(client)


@pytest.mark.parametrize(("locale", "viewport", "question", "answer", "header"), IN_BOTH_LANGUAGES)
async def test_a_visitor_asks_the_shop_and_gets_the_right_answer(
    open_visitor: OpenVisitor, locale: str, viewport: dict[str, int], question: str, answer: str, header: str
) -> None:
    visitor = await open_visitor(locale=locale, viewport=viewport)
    await expect(visitor.header).to_have_text(header)
    await visitor.say(question)
    await visitor.sees(question)
    await visitor.sees(answer)
    await visitor.sees_nothing_unsent()


@pytest.mark.parametrize(("locale", "viewport", "question", "answer", "header"), IN_BOTH_LANGUAGES)
async def test_whoever_loses_the_line_comes_back_and_sees_each_message_once(
    open_visitor: OpenVisitor, line: Line, desk: Desk, locale: str, viewport: dict[str, int],
    question: str, answer: str, header: str,
) -> None:  # fmt: skip
    visitor = await open_visitor(locale=locale, viewport=viewport)
    await visitor.say(question)
    await visitor.sees(answer)
    await desk.take(visitor.conversation)
    await expect(visitor.header).to_contain_text(desk.agent)
    line.cut()
    await expect(visitor.notice).to_be_visible()
    await visitor.say("11111")
    await visitor.say("22222")
    await desk.reply(visitor.conversation, "33333")
    await line.mend()
    await expect(visitor.notice).to_be_hidden()
    await visitor.sees_nothing_unsent()
    for text in (answer, "11111", "22222", "33333"):
        await visitor.sees(text)
    seen = await visitor.texts()
    assert [text for text in seen if text in ("11111", "22222", "33333")] == ["33333", "11111", "22222"]
    await visitor.page.reload()
    await expect(visitor.messages).to_have_count(len(seen))
    assert await visitor.texts() == seen


async def test_a_person_is_asked_for_comes_answers_and_goes(open_visitor: OpenVisitor, desk: Desk) -> None:
    visitor = await open_visitor()
    await visitor.say("人工")
    await expect(visitor.page.locator("#waiting")).to_be_visible()
    await desk.take(visitor.conversation)
    await expect(visitor.header).to_contain_text(f"{desk.agent}（人工）")
    await expect(visitor.page.locator("#waiting")).to_be_hidden()
    await desk.reply(visitor.conversation, "我来帮您看。")
    await expect(visitor.by("agent").locator(".author")).to_have_text(f"{desk.agent}（人工）")
    await desk.hand_back(visitor.conversation)
    await expect(visitor.header).to_have_text("自动客服")


async def test_both_tabs_of_a_visitor_show_each_message_once(open_visitor: OpenVisitor, desk: Desk) -> None:
    first = await open_visitor()
    await first.say("几天到")
    await first.sees("一般 2 到 4 天送到")
    second = await second_tab(first)
    await desk.take(first.conversation)
    await desk.reply(first.conversation, "我来了")
    for tab in (first, second):
        await tab.sees("我来了")
        await tab.sees("几天到")
    assert await first.texts() == await second.texts()
