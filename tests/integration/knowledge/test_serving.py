"""What is published is served: the same in every process, at the right instant, built once."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.database import Database
from core.listeners import listen
from core.settings import Settings
from knowledge_base import builder, serving
from knowledge_base.article_audit import Edit
from knowledge_base.articles import archive_article, edit_article, publish_article
from knowledge_base.models import SnapshotRow
from knowledge_base.service import NONE_REHEARSED, KnowledgeBase
from knowledge_base.values import Outcome, SearchContext
from tests.integration.knowledge.conftest import OpenKnowledge, Write, settings_in
from tests.support.clock import FakeClock
from tests.support.encoding import CountingEmbedder

pytestmark = pytest.mark.db
ANSWER_SECONDS = 20


async def write_two_articles(write: Write) -> None:
    await write("hours", "你们几点开门？", phrasings=["营业时间", "几点上班"], category="店铺")
    await write("return", "怎么退货？", phrasings=["退货流程", "可以退吗"], category="售后")


@pytest.fixture(autouse=True)
async def two_articles(write: Write) -> None:
    await write_two_articles(write)


async def until(holds: Callable[[], bool], seconds: float = ANSWER_SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for may come from another process
            await asyncio.sleep(0.02)


@asynccontextmanager
async def watching(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    running = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def edit_hours(database: Database, clock: FakeClock, version: int, answer: str) -> None:
    async with database.write() as session:
        await edit_article(session, "hours", "zh", version, {"answer": answer}, Edit("Li", clock.now()))
        await publish_article(session, "hours", "zh", Edit("Li", clock.now()))


async def test_a_question_finds_its_article(open_knowledge: OpenKnowledge) -> None:
    knowledge = await open_knowledge()

    found = await knowledge.search("营业时间", SearchContext("zh"))

    assert knowledge.is_ready
    assert found.outcome is Outcome.ANSWER
    assert found.answer is not None
    assert (found.answer.article, found.answer.version, found.answer.text) == ("hours", 1, "答：你们几点开门？")


async def test_an_empty_knowledge_base_answers_nothing(
    database: Database, clock: FakeClock, open_knowledge: OpenKnowledge
) -> None:
    async with database.write() as session:
        for key in ("hours", "return"):
            await archive_article(session, key, "zh", Edit("Li", clock.now()))

    knowledge = await open_knowledge()

    assert (await knowledge.search("营业时间", SearchContext("zh"))).outcome is Outcome.NONE
    assert knowledge.topics("zh") == ()


async def test_topics_show_what_customers_may_read(open_knowledge: OpenKnowledge, write: Write) -> None:
    await write("hours", "When are you open?", language="en", category="Shop")
    await write("till", "收银机密码怎么改？", audience="agent")
    knowledge = await open_knowledge()

    shown = {topic.category: topic.articles for topic in knowledge.topics("en")}

    assert shown == {"Shop": (("hours", "When are you open?"),), "售后": (("return", "怎么退货？"),)}
    assert knowledge.find_article("till", "zh") is None


async def test_an_article_that_lacks_a_language_is_opened_in_the_other(open_knowledge: OpenKnowledge) -> None:
    knowledge = await open_knowledge()

    found = knowledge.find_article("return", "en")

    assert found is not None
    assert found.language == "zh"


async def test_an_edit_is_live_in_every_process_that_watches(
    database: Database, clock: FakeClock, open_knowledge: OpenKnowledge
) -> None:
    """The second knowledge base hears of it only from the database, as another machine would."""
    first, second = await open_knowledge(), await open_knowledge()

    async with watching(first.watch(), second.watch()):
        await edit_hours(database, clock, 1, "改成十点了")
        await until(lambda: all(answer_of(one) == "改成十点了" for one in (first, second)))
        await until(lambda: first.content_hash == second.content_hash)


def answer_of(knowledge: KnowledgeBase) -> str:
    found = knowledge.find_article("hours", "zh")
    return found.answer if found else ""


@pytest.mark.usefixtures("build_here")
async def test_an_edit_is_served_before_all_is_fitted_and_nothing_else_is_encoded(
    database: Database, clock: FakeClock, open_knowledge: OpenKnowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who serves encodes the edited article, with the models that it has in memory; who builds loads none."""
    serves, builds = CountingEmbedder(), CountingEmbedder()
    monkeypatch.setattr(serving, "load_embedder", lambda setting: (serves, ()))
    monkeypatch.setattr(builder, "load_embedder", lambda setting: (builds, ()))
    knowledge = await open_knowledge()
    assert {"营业时间", "退货流程"} <= set(builds.seen)
    serves.seen.clear()
    builds.seen.clear()

    await edit_hours(database, clock, 1, "改成十点了")
    await knowledge.refresh()
    served_first = str(knowledge.content_hash)
    await knowledge.refresh(fully=True)

    assert served_first == f"{str(knowledge.content_hash)[:56]}-quick"
    assert answer_of(knowledge) == "改成十点了"
    assert builds.seen == []
    assert set(serves.seen) - set(NONE_REHEARSED) == {"你们几点开门?", "营业时间", "几点上班", "改成十点了"}


async def test_one_process_builds_and_the_others_take_what_it_built(
    database: Database, open_knowledge: OpenKnowledge
) -> None:
    await asyncio.gather(*(open_knowledge() for _ in range(3)))

    async with database.read() as session:
        built = list(await session.scalars(select(SnapshotRow)))

    assert len({row.builder for row in built}) == 1
    assert [row.built_at is not None for row in built] == [True]


async def test_a_second_start_reads_what_is_there_and_builds_nothing(
    database: Database, clock: FakeClock, open_knowledge: OpenKnowledge
) -> None:
    await open_knowledge()
    clock.advance(hours=1)

    again = await open_knowledge()

    async with database.read() as session:
        row = (await session.scalars(select(SnapshotRow))).one()
    assert row.built_at == clock.now() - timedelta(hours=1)
    assert again.content_hash == row.content_hash


async def test_a_builder_that_died_is_replaced(
    database: Database, clock: FakeClock, open_knowledge: OpenKnowledge, tmp_path: Path
) -> None:
    """Its claim is in the database and nobody renews it."""
    await open_knowledge()
    async with database.write() as session:
        row = (await session.scalars(select(SnapshotRow))).one()
        row.builder, row.built_at, row.files = "a dead process", None, []
        name = row.content_hash
    for folder in tmp_path.rglob(name):
        shutil.rmtree(folder)

    clock.advance(minutes=1)
    again = await open_knowledge()

    assert again.content_hash == name


async def test_an_article_is_served_from_its_instant_to_its_last(
    clock: FakeClock, write: Write, open_knowledge: OpenKnowledge
) -> None:
    soon = clock.now() + timedelta(minutes=5)
    await write("sale", "有什么优惠？", valid_from=soon, valid_until=soon + timedelta(minutes=5))
    knowledge = await open_knowledge()

    def has_sale() -> bool:
        return knowledge.find_article("sale", "zh") is not None

    async with watching(knowledge.watch()):
        await until(lambda: knowledge.is_prepared)
        assert not has_sale()

        clock.advance(minutes=5)
        await until(has_sale, seconds=2)

        await until(lambda: knowledge.is_prepared)
        clock.advance(minutes=5)
        await until(lambda: not has_sale(), seconds=2)


async def test_a_building_that_fails_leaves_the_older_answers(
    database: Database, clock: FakeClock, open_knowledge: OpenKnowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child cannot even start."""
    knowledge = await open_knowledge()
    monkeypatch.setenv("PYTHONHOME", "/nowhere")

    await edit_hours(database, clock, 1, "改成十点了")
    await knowledge.refresh()

    assert answer_of(knowledge) == "答：你们几点开门？"


async def test_another_process_hears_of_a_publish_through_the_database(
    database: Database, clock: FakeClock, tmp_path: Path, settings: Settings
) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    folder = tmp_path if database.is_sqlite else tmp_path / "other"
    knowledge = KnowledgeBase(other, clock, settings_in(folder, other))
    await knowledge.refresh()

    async with watching(listen(other), knowledge.watch()):
        await edit_hours(database, clock, 1, "改成十点了")
        await until(lambda: answer_of(knowledge) == "改成十点了")

    await other.close()
