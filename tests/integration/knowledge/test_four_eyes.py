"""KEFU_FOUR_EYES: no way leads from one person's words to customers without a second one."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import Database
from core.settings import Settings
from knowledge_base.article_audit import Edit
from knowledge_base.articles import NotByItsAuthor, create_article, edit_article, get_article, publish_article
from knowledge_base.content import checked
from knowledge_base.files import ArticleFiles, ImportOptions
from knowledge_base.history import roll_back
from knowledge_base.repository import list_served
from knowledge_base.values import ArticleStatus
from staff.models import AuditEntry
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db


def by(name: str, clock: FakeClock) -> Edit:
    return Edit(name, clock.now(), four_eyes=True)


async def served(database: Database, clock: FakeClock) -> dict[str, int]:
    async with database.read() as session:
        return {row.key: row.version for row in await list_served(session, clock.now())}


async def test_publishing_at_once_or_at_a_date_takes_somebody_else(
    database: Database, clock: FakeClock, write: Write
) -> None:
    await write("hours", "几点开门？", status="draft")
    for at in (None, clock.now() + timedelta(days=1)):
        async with database.write() as session:
            with pytest.raises(NotByItsAuthor, match="Li wrote these words"):
                await publish_article(session, "hours", "zh", by("Li", clock), at=at)
            await publish_article(session, "hours", "zh", by("Wang", clock), at=clock.now() + timedelta(days=1))
    clock.advance(days=1)
    assert await served(database, clock) == {"hours": 1}


async def test_a_new_article_cannot_begin_as_a_published_one(database: Database, clock: FakeClock) -> None:
    content = checked({"question": "几点开门？", "answer": "九点"})
    async with database.write() as session:
        with pytest.raises(NotByItsAuthor):
            await create_article(session, "hours", "zh", content, by("Li", clock), ArticleStatus.PUBLISHED)
    assert await served(database, clock) == {}


async def test_nobody_rolls_back_to_words_of_their_own(database: Database, clock: FakeClock, write: Write) -> None:
    await write("price", "多少钱？")
    async with database.write() as session:
        await edit_article(session, "price", "zh", 1, {"answer": "45元"}, by("Wang", clock))
        await publish_article(session, "price", "zh", by("Li", clock))
    async with database.write() as session:
        with pytest.raises(NotByItsAuthor, match="Li wrote"):
            await roll_back(session, "price", "zh", 1, by("Li", clock))
    async with database.write() as session:
        assert (await roll_back(session, "price", "zh", 1, by("Wang", clock))).article.published_version == 3


async def test_what_a_file_would_publish_waits_in_review(
    database: Database, clock: FakeClock, settings: Settings, tmp_path: Path, write: Write
) -> None:
    await write("price", "多少钱？", answer="38元")
    sheet = tmp_path / "articles.csv"
    sheet.write_text("key,question,answer\nprice,多少钱？,45元\nhours,几点开门？,九点\n", "utf-8")
    files = ArticleFiles(database, clock, settings.timezone, four_eyes=True)

    report = await files.apply(await files.plan(sheet, ImportOptions()), "Chen")
    again = await files.apply(await files.plan(sheet, ImportOptions()), "Chen")

    assert (report.created, report.updated, again.unchanged) == (1, 1, 2)
    assert "2 articles wait in review" in report.warnings[0]
    assert await served(database, clock) == {"price": 1}
    async with database.write() as session:
        assert (await get_article(session, "hours", "zh")).article.status is ArticleStatus.REVIEW
        with pytest.raises(NotByItsAuthor):
            await publish_article(session, "hours", "zh", by("Chen", clock))
        await publish_article(session, "hours", "zh", by("Li", clock))


async def test_an_import_is_on_record_field_by_field(
    database: Database, clock: FakeClock, files: ArticleFiles, tmp_path: Path, write: Write
) -> None:
    await write("price", "多少钱？", answer="38元")
    await write("gone", "还有吗？")
    sheet = tmp_path / "articles.csv"
    sheet.write_text("key,question,answer\nprice,多少钱？,45元\nhours,几点开门？,九点\n", "utf-8")

    await files.apply(await files.plan(sheet, ImportOptions(archive_missing=True)), "Chen")

    async with database.read() as session:
        query = select(AuditEntry).where(AuditEntry.actor == "Chen", AuditEntry.object.startswith("article:"))
        found = {(entry.action, entry.object): entry.changes for entry in await session.scalars(query)}
    assert found[("article.edit", "article:price:zh")]["answer"] == ["38元", "45元"]
    assert found[("article.create", "article:hours:zh")]["answer"] == [None, "九点"]
    assert found[("article.archive", "article:gone:zh")] == {"status": ["published", "archived"]}
