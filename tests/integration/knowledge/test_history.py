"""Prices change on a date, mistakes are taken back, and every version can be read again."""

from datetime import timedelta

import pytest

from core.database import Database
from knowledge_base.article_audit import Edit
from knowledge_base.articles import edit_article, get_article, publish_article, publish_due
from knowledge_base.history import UnknownVersion, compare_versions, list_versions, roll_back
from knowledge_base.repository import list_served, next_change
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
async def price_in_two_versions(database: Database, clock: FakeClock, write: Write) -> None:
    """Version 1 is live, version 2 a draft."""
    await write("price", "多少钱？", answer="38元", phrasings=["怎么卖"])
    async with database.write() as session:
        changes = {"answer": "45元", "phrasings": ["怎么卖", "价格"]}
        await edit_article(session, "price", "zh", 1, changes, Edit("Li", clock.now()))


async def version_served(database: Database, clock: FakeClock) -> int:
    async with database.read() as session:
        (row,) = await list_served(session, clock.now())
    return row.version


async def test_a_planned_version_is_served_from_its_instant(database: Database, clock: FakeClock) -> None:
    at = clock.now() + timedelta(hours=1)
    async with database.write() as session:
        planned = await publish_article(session, "price", "zh", Edit("Wang", clock.now()), at=at)
    assert (planned.article.pending_version, planned.article.pending_at) == (2, at)
    async with database.read() as session:
        assert await next_change(session, clock.now()) == at

    clock.advance(minutes=59)
    assert await version_served(database, clock) == 1
    clock.advance(minutes=1)
    assert await version_served(database, clock) == 2


async def test_what_has_come_due_is_written_down_once(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        at = clock.now() + timedelta(hours=1)
        await publish_article(session, "price", "zh", Edit("Wang", clock.now()), at=at)
    clock.advance(hours=2)

    async with database.write() as session:
        assert await publish_due(session, clock.now()) == 1
        assert await publish_due(session, clock.now()) == 0

    async with database.read() as session:
        article = (await get_article(session, "price", "zh")).article
    assert (article.published_version, article.status, article.pending_at) == (2, "published", None)
    assert await version_served(database, clock) == 2


async def test_a_date_that_has_passed_means_now(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        at = clock.now() - timedelta(hours=1)
        await publish_article(session, "price", "zh", Edit("Wang", clock.now()), at=at)
    assert await version_served(database, clock) == 2


async def test_what_changed_is_shown(database: Database) -> None:
    async with database.read() as session:
        changes = await compare_versions(session, "price", "zh")

    assert [(change.field, change.lines) for change in changes.changes] == [
        ("answer", ("-38元", "+45元")),
        ("phrasings", (" 怎么卖", "+价格")),
    ]


async def test_an_older_version_is_published_again_as_a_new_one(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        await publish_article(session, "price", "zh", Edit("Wang", clock.now()))
        await roll_back(session, "price", "zh", 1, Edit("Wang", clock.now()))

    async with database.read() as session:
        versions = await list_versions(session, "price", "zh")

    assert [(one.row.version, one.content.answer, one.row.note) for one in versions] == [
        (3, "38元", "back to version 1"),
        (2, "45元", None),
        (1, "38元", None),
    ]
    assert await version_served(database, clock) == 3


async def test_a_version_that_never_was_is_named(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        with pytest.raises(UnknownVersion, match="versions 1 to 2, none is 7"):
            await roll_back(session, "price", "zh", 7, Edit("Wang", clock.now()))
