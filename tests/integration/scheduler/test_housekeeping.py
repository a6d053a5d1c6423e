"""What happens with time, by itself: dated articles are noted, old things go, customers find their tier."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from admin.rule_kinds import make_rulebook
from core.database import Database
from core.files import FolderStore
from core.secretbox import SecretBox
from core.settings import Settings
from knowledge_base.article_audit import Edit
from knowledge_base.articles import create_article, publish_article
from knowledge_base.content import ArticleContent
from knowledge_base.repository import find_row
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import ArticleStatus
from scheduler.clockwork import run_once
from scheduler.housekeeping import housekeeping
from scheduler.jobs import JOBS, Shop, publish_articles
from scheduler.keeping import KeepingTimes
from tests.support.clock import FakeClock
from tickets.policy import Policies


def shop(database: Database, clock: FakeClock) -> Shop:
    policies = Policies(ZoneInfo("Asia/Shanghai"), SecretBox("a secret for tests"), "zh", make_rulebook())
    return Shop(database, clock, policies)


@pytest.mark.db
async def test_an_article_with_a_date_is_noted_as_published_when_it_has_come(
    database: Database, clock: FakeClock
) -> None:
    content = ArticleContent(question="多少钱", answer="38 元")
    async with database.write() as session:
        await create_article(session, "price", "zh", content, Edit("Wang", clock.now()))
        await publish_article(session, "price", "zh", Edit("Wang", clock.now()), at=clock.now() + timedelta(hours=1))
    assert await publish_articles(shop(database, clock)) == 0
    clock.advance(hours=1)
    assert await publish_articles(shop(database, clock)) == 1
    assert await publish_articles(shop(database, clock)) == 0
    async with database.read() as session:
        article = await find_row(session, "price", "zh")
        assert article is not None
        assert article.status is ArticleStatus.PUBLISHED


@pytest.mark.db
async def test_every_job_runs_twice_on_an_empty_shop_without_harm(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, embedder="none")
    knowledge = KnowledgeBase(database, clock, settings)
    await knowledge.refresh()
    jobs = (*JOBS, *housekeeping(KeepingTimes.of(settings), FolderStore(tmp_path), make_rulebook(), knowledge))
    for job in (*jobs, *jobs):
        assert await job.run(shop(database, clock)) == 0
    await knowledge.close()


async def test_a_job_that_fails_is_tried_again_at_the_next_tick(database: Database, clock: FakeClock) -> None:
    tried: list[datetime] = []

    async def fail(_shop: Shop) -> int:
        tried.append(datetime.now(UTC))
        raise RuntimeError("the job is broken")

    job = type(JOBS[0])("broken", 1, fail)
    await run_once(shop(database, clock), job)
    await run_once(shop(database, clock), job)
    assert len(tried) == 2
