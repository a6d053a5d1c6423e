"""Articles have a life: written, changed, published, taken back; and every step is on record."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from core.database import Database
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge_base.article_audit import Edit
from knowledge_base.articles import (
    StoredArticle,
    archive_article,
    create_article,
    edit_article,
    get_article,
    publish_article,
)
from knowledge_base.content import checked
from knowledge_base.repository import ArticleFilter, list_articles, list_served
from knowledge_base.values import ArticleStatus
from staff.models import AuditEntry
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db
Change = Callable[..., Awaitable[StoredArticle]]


@pytest.fixture
def change(database: Database, clock: FakeClock) -> Change:
    """Edits an article as Wang: `change("key", version, answer=...)`."""

    async def make(key: str, version: int, **changes: Any) -> StoredArticle:
        async with database.write() as session:
            return await edit_article(session, key, "zh", version, changes, Edit("Wang", clock.now()))

    return make


async def served(database: Database, clock: FakeClock) -> dict[str, int]:
    async with database.read() as session:
        return {row.key: row.version for row in await list_served(session, clock.now())}


async def test_a_draft_is_not_served_until_it_is_published(database: Database, clock: FakeClock, write: Write) -> None:
    await write("hours", "几点开门？", status="draft")
    assert await served(database, clock) == {}

    async with database.write() as session:
        published = await publish_article(session, "hours", "zh", Edit("Wang", clock.now()))

    assert published.article.status is ArticleStatus.PUBLISHED
    assert await served(database, clock) == {"hours": 1}


async def test_customers_keep_the_published_words_while_a_draft_is_written(
    database: Database, clock: FakeClock, write: Write, change: Change
) -> None:
    await write("hours", "几点开门？")

    edited = await change("hours", 1, answer="十点")

    assert (edited.article.version, edited.article.status, edited.article.published_version) == (2, "draft", 1)
    assert await served(database, clock) == {"hours": 1}


async def test_two_people_who_edit_the_same_version_do_not_overwrite_each_other(write: Write, change: Change) -> None:
    await write("hours", "几点开门？")
    await change("hours", 1, answer="十点")

    with pytest.raises(Conflict, match="version 2"):
        await change("hours", 1, answer="八点")


async def test_an_edit_that_changes_nothing_makes_no_version(write: Write, change: Change) -> None:
    await write("hours", "几点开门？", status="draft")

    edited = await change("hours", 1, answer="答：几点开门？")

    assert edited.article.version == 1


async def test_an_archived_article_is_not_served_and_its_versions_stay(
    database: Database, clock: FakeClock, write: Write
) -> None:
    await write("hours", "几点开门？")

    async with database.write() as session:
        await archive_article(session, "hours", "zh", Edit("Wang", clock.now()))

    assert await served(database, clock) == {}
    async with database.read() as session:
        assert (await get_article(session, "hours", "zh")).content.answer == "答：几点开门？"


async def test_with_four_eyes_nobody_publishes_their_own_words(
    database: Database, clock: FakeClock, write: Write
) -> None:
    await write("hours", "几点开门？", status="draft")

    async with database.write() as session:
        with pytest.raises(NotAllowed, match="somebody else"):
            await publish_article(session, "hours", "zh", Edit("Li", clock.now(), four_eyes=True))
        await publish_article(session, "hours", "zh", Edit("Wang", clock.now(), four_eyes=True))

    assert await served(database, clock) == {"hours": 1}


async def test_who_changed_what_is_on_record(database: Database, write: Write, change: Change) -> None:
    await write("hours", "几点开门？")
    await change("hours", 1, answer="十点")

    async with database.read() as session:
        entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))

    assert [(e.actor, e.action, e.object) for e in entries] == [
        ("Li", "article.create", "article:hours:zh"),
        ("Wang", "article.edit", "article:hours:zh"),
    ]
    assert entries[1].changes == {"status": ["published", "draft"], "answer": ["答：几点开门？", "十点"]}


async def test_a_second_article_under_the_same_key_and_language_is_refused(write: Write) -> None:
    await write("hours", "几点开门？")
    await write("hours", "When do you open?", language="en")

    with pytest.raises(Conflict, match="already"):
        await write("hours", "几点关门？")


async def test_an_article_that_does_not_exist_is_named(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(NotFound, match="no article 'hours' in en"):
            await get_article(session, "hours", "en")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (ArticleFilter(), ["hours", "return", "hours", "price"]),  # everything, in the order it was written
        (ArticleFilter(language="en"), ["hours"]),
        (ArticleFilter(status=ArticleStatus.DRAFT), ["price"]),
        (ArticleFilter(category="售后"), ["return"]),
        (ArticleFilter(text="营业时间"), ["hours"]),  # in a phrasing, in Chinese
        (ArticleFilter(text="OPEN"), ["hours"]),  # whatever the case
        (ArticleFilter(text="100%"), ["price"]),  # no wildcard
    ],
)
async def test_articles_are_listed_by_what_they_say(
    database: Database, write: Write, wanted: ArticleFilter, found: list[str]
) -> None:
    await write("hours", "几点开门？", phrasings=["营业时间"])
    await write("return", "怎么退货？", category="售后")
    await write("hours", "When do you open?", language="en")
    await write("price", "100%真丝多少钱？", status="draft")

    async with database.read() as session:
        rows = await list_articles(session, wanted)

    assert [article.key for article, _ in rows] == found


async def test_a_list_goes_on_where_it_stopped(database: Database, write: Write) -> None:
    for number in range(3):
        await write(f"a{number}", f"问题{number}")

    async with database.read() as session:
        first = await list_articles(session, ArticleFilter(), limit=2)
        rest = await list_articles(session, ArticleFilter(), limit=2, after=first[-1][0].id)

    assert [[article.key for article, _ in page] for page in (first, rest)] == [["a0", "a1"], ["a2"]]


async def test_an_unknown_language_is_refused(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        content = checked({"question": "Wann?", "answer": "Um neun."})
        with pytest.raises(InvalidInput, match="zh, en"):
            await create_article(session, "hours", "de", content, Edit("Li", clock.now()))
