"""Questions that nothing answered are gathered, keep their group, and become articles or go away for good."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from core.database import Database
from knowledge_base import question_log
from knowledge_base.article_audit import Edit
from knowledge_base.articles import NotWrittenYet, publish_article
from knowledge_base.gap_list import Draft, Gap, UnknownGroup, add_to_article, dismiss, get_gap, list_gaps, make_article
from knowledge_base.gaps import group_questions, take_up_again
from knowledge_base.models import QuestionGroup, QuestionLog
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import GroupState, Outcome, SearchResult
from tests.integration.knowledge.conftest import OpenKnowledge, Write
from tests.support.clock import FakeClock

Ask = Callable[..., Awaitable[int]]
Gather = Callable[[], Awaitable[list[Gap]]]


@pytest.fixture
async def knowledge(open_knowledge: OpenKnowledge, write: Write) -> KnowledgeBase:
    await write("invoice", "可以开发票吗？", phrasings=["怎么开发票", "发票在哪里申请"])
    return await open_knowledge()


@pytest.fixture
def ask(database: Database, clock: FakeClock) -> Ask:
    """A customer's question that went unanswered; `what` became of it."""

    async def log(text: str, what: str | None = None, outcome: Outcome = Outcome.NONE, language: str = "zh") -> int:
        async with database.write() as session:
            number = await question_log.record(session, text, language, SearchResult(outcome, 0.1), None, clock.now())
            if what:
                await question_log.add_feedback(session, number, None, what, clock.now())
            return number

    return log


@pytest.fixture
def gather(database: Database, clock: FakeClock, knowledge: KnowledgeBase) -> Gather:
    async def run() -> list[Gap]:
        await group_questions(database, knowledge, clock.now())
        async with database.read() as session:
            return await list_gaps(session)

    return run


@pytest.mark.db
async def test_questions_that_mean_the_same_are_one_group_and_the_weightiest_comes_first(
    ask: Ask, gather: Gather
) -> None:
    await ask("可以带宠物进店吗")
    await ask("可以带宠物进店吗？")
    await ask("宠物可以带进店吗")
    await ask("你们收比特币吗", "complaint")

    crypto, pets = await gather()

    assert (crypto.question, crypto.customers, crypto.complaints) == ("你们收比特币吗", 1, 1)
    assert (pets.asked, pets.customers, pets.wordings) == (3, 3, ("可以带宠物进店吗", "宠物可以带进店吗"))


async def test_a_group_keeps_its_identity_while_it_grows(ask: Ask, gather: Gather) -> None:
    await ask("可以带宠物进店吗")
    (before,) = await gather()
    await ask("可以带宠物进店吗")
    (after,) = await gather()
    assert (after.group.id, after.asked) == (before.group.id, 2)


async def test_languages_are_kept_apart_and_what_was_answered_is_no_gap(
    database: Database, clock: FakeClock, ask: Ask, gather: Gather
) -> None:
    await ask("wifi")
    await ask("wifi", language="en")
    offered = await ask("怎么付款", outcome=Outcome.CLARIFY)
    assert [gap.group.language for gap in await gather()] == ["zh", "en"]

    async with database.write() as session:
        await question_log.add_feedback(session, offered, None, "none of these", clock.now())
    assert len(await gather()) == 3


async def test_what_did_not_help_is_a_gap_too(database: Database, clock: FakeClock, ask: Ask, gather: Gather) -> None:
    number = await ask("龙井能放冰箱吗", outcome=Outcome.CLARIFY)
    async with database.write() as session:
        await question_log.add_feedback(session, number, False, None, clock.now())
    assert [gap.question for gap in await gather()] == ["龙井能放冰箱吗"]


async def test_an_answer_after_which_a_person_was_called_is_a_gap_unless_it_helped(
    database: Database, clock: FakeClock, ask: Ask, gather: Gather
) -> None:
    told, called = [await ask(text, outcome=Outcome.CLARIFY) for text in ("龙井能放冰箱吗", "收比特币吗")]
    async with database.write() as session:
        await question_log.add_feedback(session, told, True, None, clock.now())
        for number in (told, called):
            await question_log.add_feedback(session, number, None, "person", clock.now())
    assert [(gap.question, gap.hand_overs) for gap in await gather()] == [("收比特币吗", 1)]


async def test_a_dismissed_group_stays_away_also_when_it_grows(
    database: Database, clock: FakeClock, ask: Ask, gather: Gather
) -> None:
    await ask("可以带宠物进店吗")
    (gap,) = await gather()
    async with database.write() as session:
        await dismiss(session, gap.group.id, Edit("Li", clock.now()))
    for _ in range(3):
        await ask("可以带宠物进店吗", "complaint")
    assert await gather() == []
    async with database.read() as session:
        (away,) = await list_gaps(session, GroupState.DISMISSED)
    assert (away.group.id, away.asked, away.group.decided_by) == (gap.group.id, 4, "Li")


async def test_one_step_makes_a_draft_that_cannot_be_published_before_it_is_written(
    database: Database, clock: FakeClock, ask: Ask, gather: Gather
) -> None:
    await ask("可以带宠物进店吗，电话13812345678")
    await ask("宠物可以带进店吗")
    (gap,) = await gather()
    async with database.write() as session:
        made = await make_article(session, gap.group.id, Draft(), Edit("Li", clock.now()))
        assert (made.content.question, made.content.phrasings) == ("可以带宠物进店吗，电话", ("宠物可以带进店吗",))
        with pytest.raises(NotWrittenYet):
            await publish_article(session, made.article.key, "zh", Edit("Wang", clock.now()))
    assert await gather() == []


@pytest.mark.db
async def test_with_a_persons_answer_the_draft_has_it(
    database: Database, clock: FakeClock, ask: Ask, gather: Gather
) -> None:
    await ask("可以带宠物进店吗")
    (gap,) = await gather()
    async with database.write() as session:
        made = await make_article(session, gap.group.id, Draft(answer="小狗可以进院子。"), Edit("Li", clock.now()))
        await publish_article(session, made.article.key, "zh", Edit("Wang", clock.now()))
    await ask("可以带宠物进店吗")
    (again,) = await gather()
    assert (again.group.id, again.group.state, again.group.article) == (gap.group.id, GroupState.OPEN, made.article.key)


async def test_an_article_gets_the_phrasings_as_a_draft(
    database: Database, clock: FakeClock, ask: Ask, gather: Gather
) -> None:
    await ask("能不能给我开增票")
    (gap,) = await gather()
    async with database.write() as session:
        edited = await add_to_article(session, gap.group.id, "invoice", Edit("Li", clock.now()))
    assert (edited.article.status, edited.content.phrasings[-1]) == ("draft", "能不能给我开增票")
    assert edited.article.published_version == 1


async def test_a_group_outlives_its_questions(database: Database, clock: FakeClock, ask: Ask, gather: Gather) -> None:
    number = await ask("可以带宠物进店吗")
    (gap,) = await gather()
    async with database.write() as session:
        await dismiss(session, gap.group.id, Edit("Li", clock.now()))
        row = await session.get_one(QuestionLog, number)
        await session.delete(row)
    async with database.read() as session:
        with pytest.raises(UnknownGroup):
            await get_gap(session, gap.group.id)
    await ask("可以带宠物进店吗")
    assert await gather() == []


async def test_after_a_change_of_encoder_groups_are_compared_again(
    database: Database, ask: Ask, gather: Gather, knowledge: KnowledgeBase
) -> None:
    await ask("可以带宠物进店吗")
    (gap,) = await gather()
    async with database.write() as session:
        (await session.get_one(QuestionGroup, gap.group.id)).encoder = "another"
    assert (await take_up_again(database, knowledge), await take_up_again(database, knowledge)) == (1, 0)
    await ask("可以带宠物进店吗")
    assert [found.group.id for found in await gather()] == [gap.group.id]


async def test_what_comes_much_later_is_not_put_down_to_the_question(
    database: Database, clock: FakeClock, ask: Ask
) -> None:
    number = await ask("可以带宠物进店吗")
    for later, what, kept in (
        (timedelta(), "asked again", "asked again"),
        (timedelta(minutes=5), "person", "person"),
        # what weighs less does not hide it
        (timedelta(minutes=5), "asked again", "person"),
        (timedelta(minutes=5), "complaint", "complaint"),
    ):
        clock.advance(seconds=later.total_seconds())
        async with database.write() as session:
            await question_log.add_feedback(session, number, None, what, clock.now())
            assert (await session.get_one(QuestionLog, number)).followed_by == kept
    other = await ask("收比特币吗")
    clock.advance(hours=3)
    async with database.write() as session:
        await question_log.add_feedback(session, other, None, "person", clock.now())
        assert (await session.get_one(QuestionLog, other)).followed_by is None
