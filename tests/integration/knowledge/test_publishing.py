"""A publication that nobody could wait for is remembered, tried out, and then carried out or refused.

So is one that was planned for a date, shortly before it: articles and labels have moved since.
"""

from datetime import timedelta

import pytest

from core.database import Database
from core.settings import Settings
from knowledge_base.article_audit import Edit
from knowledge_base.articles import StoredArticle, edit_article, get_article, publish_article
from knowledge_base.building import BuildFailed
from knowledge_base.checking import Gate, Proposal
from knowledge_base.due_gate import DueGate
from knowledge_base.gate import Opinion
from knowledge_base.labels import save_labels
from knowledge_base.publishing import ask_publication, ask_roll_back, settle_waiting
from knowledge_base.values import LabelledExample
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock

pytestmark = pytest.mark.usefixtures("build_here")


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


class Stumbling(Gate):
    """Cannot try `hours` out."""

    async def check(self, proposal: Proposal) -> Opinion:
        if "hours" in proposal.keys:
            raise BuildFailed("no space left on the device")
        return await super().check(proposal)


async def test_what_cannot_be_tried_out_holds_nobody_up(
    database: Database, clock: FakeClock, settings: Settings
) -> None:
    await waiting(database, clock, answer="早上八点。")
    clock.advance(1)
    async with database.write() as session:
        await edit_article(session, "return", "zh", 1, {"answer": "七天内可退。"}, Edit("Li", clock.now()))
        await ask_publication(session, "return", "zh", Edit("Wang", clock.now()), version=2)
    with pytest.raises(BuildFailed, match="no space left"):
        await settle_waiting(database, clock, Stumbling(database, clock, settings))
    async with database.read() as session:
        hours, returns = [(await get_article(session, key, "zh")).article for key in ("hours", "return")]
    assert (hours.published_version, hours.pending_state) == (1, "checking")
    assert (returns.published_version, returns.pending_state) == (2, None)


async def test_the_way_back_waits_as_well(database: Database, clock: FakeClock, settings: Settings) -> None:
    async with database.write() as session:
        await edit_article(session, "hours", "zh", 1, {"answer": "早上八点。"}, Edit("Li", clock.now()))
        await publish_article(session, "hours", "zh", Edit("Li", clock.now()))
        asked = (await ask_roll_back(session, "hours", "zh", 1, Edit("Wang", clock.now()))).article
    assert (asked.published_version, asked.pending_version, asked.pending_state) == (2, 3, "checking")
    assert (await settled(database, clock, settings)).article.published_version == 3


async def planned(database: Database, clock: FakeClock, *, forced: bool = False) -> None:
    """In an hour `hours` loses its wordings. When that was planned, no label asked for them."""
    async with database.write() as session:
        away = {"question": "几点开门营业", "phrasings": ["天上的云"]}
        await edit_article(session, "hours", "zh", 1, away, Edit("Li", clock.now()))
        at = clock.now() + timedelta(hours=1)
        await publish_article(session, "hours", "zh", Edit("Wang", clock.now()), at=at, forced=forced)
        await edit_article(session, "hours", "zh", 2, {"answer": "还没写完"}, Edit("Li", clock.now()))


@pytest.mark.db
async def test_what_has_become_worse_by_its_date_is_refused(
    database: Database, clock: FakeClock, settings: Settings
) -> None:
    due = DueGate(Gate(database, clock, settings))
    await planned(database, clock)
    assert await due.look(database, clock) == 0  # it is too early to say
    clock.advance(minutes=50)
    assert await due.look(database, clock) == 1
    assert await due.look(database, clock) == 0
    async with database.read() as session:
        found = (await get_article(session, "hours", "zh")).article
    assert (found.published_version, found.pending_version, found.pending_state) == (1, 2, "refused")
    assert found.pending_detail is not None
    assert "'营业时间' got hours" in found.pending_detail


async def test_what_was_forced_goes_out_at_its_date(database: Database, clock: FakeClock, settings: Settings) -> None:
    await planned(database, clock, forced=True)
    clock.advance(minutes=50)
    assert await DueGate(Gate(database, clock, settings)).look(database, clock) == 0


async def test_what_is_no_worse_is_looked_at_once(database: Database, clock: FakeClock, settings: Settings) -> None:
    gate = _CountingGate(database, clock, settings)
    due = DueGate(gate)
    async with database.write() as session:
        await edit_article(session, "hours", "zh", 1, {"answer": "早上八点。"}, Edit("Li", clock.now()))
        at = clock.now() + timedelta(minutes=10)
        await publish_article(session, "hours", "zh", Edit("Wang", clock.now()), at=at)
    assert [await due.look(database, clock) for _ in range(2)] == [0, 0]
    assert gate.checks == 1


class _CountingGate(Gate):
    checks = 0

    async def check(self, proposal: Proposal) -> Opinion:
        self.checks += 1
        return await super().check(proposal)
