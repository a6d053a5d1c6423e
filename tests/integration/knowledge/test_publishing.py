"""A publication that nobody could wait for is remembered, tried out, and then carried out or refused."""

import pytest

from core.database import Database
from core.settings import Settings
from knowledge_base.article_audit import Edit
from knowledge_base.articles import StoredArticle, edit_article, get_article
from knowledge_base.checking import Gate
from knowledge_base.labels import save_labels
from knowledge_base.publishing import ask_publication, settle_waiting
from knowledge_base.values import LabelledExample
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
async def shop(database: Database, clock: FakeClock, write: Write) -> None:
    await write("hours", "你们几点开门？", phrasings=["营业时间", "几点上班"])
    await write("return", "怎么退货？", phrasings=["退货流程", "可以退吗"])
    async with database.write() as session:
        await save_labels(session, [LabelledExample("营业时间", "hours", "zh")], Edit("Li", clock.now()))


async def waiting(database: Database, clock: FakeClock, **changes: object) -> StoredArticle:
    async with database.write() as session:
        await edit_article(session, "hours", "zh", 1, changes, Edit("Li", clock.now()))
        return await ask_publication(session, "hours", "zh", Edit("Wang", clock.now()), version=2)


async def settled(database: Database, clock: FakeClock, settings: Settings) -> StoredArticle:
    assert await settle_waiting(database, clock, Gate(database, clock, settings)) == 1
    assert await settle_waiting(database, clock, Gate(database, clock, settings)) == 0
    async with database.read() as session:
        return await get_article(session, "hours", "zh")


async def test_what_is_no_worse_is_published(database: Database, clock: FakeClock, settings: Settings) -> None:
    asked = (await waiting(database, clock, answer="早上八点。")).article
    assert (asked.pending_version, asked.pending_state, asked.pending_detail) == (2, "checking", "asked for by Wang")
    found = (await settled(database, clock, settings)).article
    assert (found.published_version, found.pending_state) == (2, None)


async def test_what_is_worse_is_refused_in_words(database: Database, clock: FakeClock, settings: Settings) -> None:
    await waiting(database, clock, question="养一只猫", phrasings=["天上的云"])
    found = (await settled(database, clock, settings)).article
    assert (found.published_version, found.pending_version, found.pending_state) == (1, 2, "refused")
    assert found.pending_detail is not None
    assert "1 would be served worse: '营业时间'" in found.pending_detail
