"""A change that would make the shop's labelled questions worse does not go to customers unless somebody says why."""

import pytest

from core.database import Database
from core.settings import Settings
from knowledge_base.article_audit import Edit
from knowledge_base.articles import archive_article, edit_article, publish_article
from knowledge_base.checking import (
    Gate,
    Proposal,
    ServedMoved,
    archiving_of,
    confirm_unmoved,
    publication_of,
    rollback_of,
)
from knowledge_base.content import checked
from knowledge_base.gate import GateRefused
from knowledge_base.labels import save_labels
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import LabelledExample
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock

ASKED = [("营业时间", "hours"), ("几点上班", "hours"), ("退货流程", "return"), ("可以退吗", "return"), ("买飞机", None)]

pytestmark = pytest.mark.usefixtures("build_here")


@pytest.fixture(autouse=True)
async def shop(write: Write) -> None:
    await write("hours", "你们几点开门？", phrasings=["营业时间", "几点上班"])
    await write("return", "怎么退货？", phrasings=["退货流程", "可以退吗"])


@pytest.fixture
async def labels(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        await save_labels(session, [LabelledExample(*pair, "zh") for pair in ASKED], Edit("Li", clock.now()))


@pytest.fixture
def gate(database: Database, clock: FakeClock, settings: Settings) -> Gate:
    return Gate(database, clock, settings)


async def draft(database: Database, clock: FakeClock, key: str, **changes: object) -> Proposal:
    """An edit of an article, not published yet, and what publishing it would change."""
    async with database.write() as session:
        await edit_article(session, key, "zh", 1, changes, Edit("Li", clock.now()))
        return await publication_of(session, key, "zh")


@pytest.mark.db
@pytest.mark.usefixtures("labels")
async def test_a_worse_article_is_refused_with_the_questions_that_broke(
    database: Database, clock: FakeClock, gate: Gate
) -> None:
    opinion = await gate.check(await draft(database, clock, "hours", question="养一只猫", phrasings=["天上的云"]))

    with pytest.raises(GateRefused, match="of the 5 labelled questions 2 would be served worse") as refused:
        opinion.refuse_if_worse()
    questions = refused.value.data["questions"]
    assert isinstance(questions, list)
    assert {row["question"] for row in questions} == {"营业时间", "几点上班"}
    assert {row["article"] for row in questions} == {"hours"}
    assert questions[0]["before"] == {"outcome": "answer", "article": "hours"}


@pytest.mark.usefixtures("labels")
async def test_a_new_article_that_takes_anothers_questions_is_refused(gate: Gate) -> None:
    thief = checked({"question": "退货流程", "answer": "不退。", "phrasings": ["可以退吗", "怎么退货", "怎么退货？"]})
    opinion = await gate.check(Proposal({("aaa", "zh"): (1, thief)}))
    assert opinion.is_worse


@pytest.mark.db
@pytest.mark.usefixtures("labels")
async def test_what_was_tried_out_is_what_is_served(
    database: Database, clock: FakeClock, settings: Settings, gate: Gate
) -> None:
    opinion = await gate.check(await draft(database, clock, "hours", phrasings=["营业时间", "几点上班", "周末开门吗"]))
    opinion.refuse_if_worse()
    async with database.write() as session:
        await confirm_unmoved(session, opinion)
        await publish_article(session, "hours", "zh", Edit("Wang", clock.now()), version=2)

    built = {folder.name for folder in (settings.data_dir / "snapshots").iterdir()}
    knowledge = KnowledgeBase(database, clock, settings)
    await knowledge.refresh(fully=True)
    await knowledge.close()
    assert knowledge.content_hash in built


@pytest.mark.usefixtures("labels")
async def test_an_opinion_about_what_has_moved_is_worth_nothing(
    database: Database, clock: FakeClock, gate: Gate
) -> None:
    opinion = await gate.check(await draft(database, clock, "hours", answer="八点。"))
    async with database.write() as session:
        await edit_article(session, "return", "zh", 1, {"answer": "不行。"}, Edit("Li", clock.now()))
        await publish_article(session, "return", "zh", Edit("Wang", clock.now()))
    async with database.write() as session:
        with pytest.raises(ServedMoved):
            await confirm_unmoved(session, opinion)


async def test_without_labels_nothing_is_built(
    database: Database, clock: FakeClock, settings: Settings, gate: Gate
) -> None:
    opinion = await gate.check(await draft(database, clock, "hours", question="养一只猫", phrasings=[]))
    opinion.refuse_if_worse()
    assert opinion.comparison is None
    assert not (settings.data_dir / "snapshots").exists()


@pytest.mark.usefixtures("labels")
async def test_the_way_back_is_tried_out_too(database: Database, clock: FakeClock, gate: Gate, write: Write) -> None:
    """Version 1 knew nothing of what the labels ask; version 2 does and is served."""
    await write("gift", "养一只猫")
    async with database.write() as session:
        await edit_article(session, "gift", "zh", 1, {"question": "有礼品袋吗"}, Edit("Li", clock.now()))
        await publish_article(session, "gift", "zh", Edit("Wang", clock.now()))
        await save_labels(session, [LabelledExample("有礼品袋吗", "gift", "zh")], Edit("Li", clock.now()))
    async with database.read() as session:
        proposal = await rollback_of(session, "gift", "zh", 1)

    with pytest.raises(GateRefused, match="'有礼品袋吗' got gift, would get"):
        (await gate.check(proposal)).refuse_if_worse()


@pytest.mark.usefixtures("labels")
async def test_what_is_archived_may_go_unless_another_article_answers_in_its_place(
    database: Database, clock: FakeClock, gate: Gate, write: Write
) -> None:
    async with database.read() as session:
        (await gate.check(await archiving_of(session, "hours", "zh"))).refuse_if_worse()

    await write("hours-old", "营业时间？", phrasings=["几点上班？"])
    async with database.read() as session:
        proposal = await archiving_of(session, "hours", "zh")
    opinion = await gate.check(proposal)
    with pytest.raises(GateRefused, match="would get hours-old"):
        opinion.refuse_if_worse()
    async with database.write() as session:
        await confirm_unmoved(session, opinion)
        await archive_article(session, "hours", "zh", Edit("Li", clock.now(), "old prices"))
