"""Whoever is forgotten asks nothing any more: not in labels, groups, wordings of articles or the audit book."""

from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import Database
from customers.models import Customer
from customers.privacy import Erasing, erase
from knowledge_base import question_log
from knowledge_base.article_audit import Edit
from knowledge_base.articles import get_article
from knowledge_base.forgetting import FORGETTING
from knowledge_base.gap_list import add_to_article, list_gaps
from knowledge_base.gaps import group_questions, take_up_again
from knowledge_base.history import list_versions
from knowledge_base.labels import list_labels, set_label
from knowledge_base.models import QuestionGroup
from knowledge_base.values import Outcome, SearchResult
from staff.models import AuditEntry
from tests.integration.knowledge.conftest import OpenKnowledge, Write
from tests.support.clock import FakeClock

HERS, ALSO_HIS = "可以带猫咪团团进店吗", "可以带猫咪进店吗"


@pytest.fixture
async def people(database: Database, clock: FakeClock) -> tuple[int, int]:
    """She and he."""
    async with database.write() as session:
        pair = [Customer(name=name, created_at=clock.now(), updated_at=clock.now()) for name in ("她", "他")]
        session.add_all(pair)
        await session.flush()
        return pair[0].id, pair[1].id


async def log(database: Database, clock: FakeClock, text: str, customer: int) -> None:
    async with database.write() as session:
        await question_log.record(session, text, "zh", SearchResult(Outcome.NONE, 0.1), customer, clock.now())


@pytest.mark.db
async def test_what_only_she_asked_is_no_wording_any_more(
    database: Database,
    clock: FakeClock,
    tmp_path: Path,
    write: Write,
    open_knowledge: OpenKnowledge,
    people: tuple[int, int],
) -> None:
    her, him = people
    await write("pets", "宠物可以进店吗？", phrasings=["能带狗吗"])
    knowledge = await open_knowledge()
    for text, who in ((ALSO_HIS, her), (HERS, her), (ALSO_HIS, him)):
        await log(database, clock, text, who)
    await group_questions(database, knowledge, clock.now())
    async with database.write() as session:
        [gap] = await list_gaps(session)
        await add_to_article(session, gap.group.id, "pets", Edit("Li", clock.now()))

    work = Erasing(database, tmp_path, elsewhere=FORGETTING)
    receipt = await erase(work, her, by="admin", now=clock.now())

    async with database.read() as session:
        article = await get_article(session, "pets", "zh")
        assert article.row.phrasings == ["能带狗吗", ALSO_HIS]
        assert article.row.digest == article.content.digest
        assert not [one for one in await list_versions(session, "pets", "zh") if HERS in one.row.phrasings]
        assert not [entry for entry in await session.scalars(select(AuditEntry)) if HERS in repr(entry.changes)]
        group = await session.get_one(QuestionGroup, gap.group.id)
        assert (group.vector, group.encoder) == (b"", "")
    assert {"place": "articles' wordings", "rows": 3, "outcome": "erased"} in receipt["places"]
    assert "article" in {kept["place"] for kept in receipt["kept"]}

    assert await take_up_again(database, knowledge) == 1
    await log(database, clock, ALSO_HIS, him)
    await group_questions(database, knowledge, clock.now())
    async with database.read() as session:
        assert [one.group.id for one in await list_gaps(session, state=None)] == [gap.group.id]


@pytest.mark.db
async def test_a_label_in_her_words_goes_with_her(
    database: Database, clock: FakeClock, tmp_path: Path, people: tuple[int, int]
) -> None:
    her, him = people
    async with database.write() as session:
        for text, who in ((HERS, her), (ALSO_HIS, her), (ALSO_HIS, him), ("能带狗吗", him), ("营业时间", None)):
            await set_label(session, text, None, "zh", Edit("Li", clock.now()), customer_id=who)
        await set_label(session, HERS, "pets", "zh", Edit("Wang", clock.now()))

    await erase(Erasing(database, tmp_path, elsewhere=FORGETTING), her, by="admin", now=clock.now())

    async with database.read() as session:
        assert {label.question for label in await list_labels(session)} == {ALSO_HIS, "能带狗吗", "营业时间"}
