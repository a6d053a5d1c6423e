"""Workers with a mistake in them: the tests of the loops must notice each."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from conversations.models import InboxEvent
from core.database import Database
from tests.integration.loops.books import until
from tests.integration.loops.claimers import Race, fill, run_race
from tests.integration.loops.feed import Feed
from tests.integration.loops.test_kill import plan_for, run
from tests.integration.loops.worker import prepare, running_worker


@pytest.mark.db
@pytest.mark.parametrize("confirms_first", [False, True])
async def test_a_worker_that_confirms_before_it_commits_loses_events(
    database: Database, database_url: str, tmp_path: Path, confirms_first: bool
) -> None:
    await prepare(database)
    feed = Feed(tmp_path, total=1_000_000, per_second=100_000, lanes=20)
    feed.open()
    for _ in range(6):
        with running_worker(plan_for(database_url, tmp_path, feed, confirms_first=confirms_first)):
            await _until_it_is_busy(feed)
    assert (await _count_lost(database, feed) > 0) is confirms_first


async def test_a_worker_that_sends_without_a_word_what_the_one_before_had_in_hand_doubles_answers(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    books = await run(database, database_url, tmp_path, chats=10, per_second=50, kills=6, forgets_sending=True)
    assert books.answered_twice_unlisted > 0, books


async def _until_it_is_busy(feed: Feed) -> None:
    before = feed.confirmed

    async def took_some() -> bool:
        return feed.confirmed > before + 20

    await until(took_some, seconds=20)


async def _count_lost(database: Database, feed: Feed) -> int:
    """Events that nobody will hand out again, and that are nowhere."""
    async with database.read() as session:
        stored = {int(number) for number in await session.scalars(select(InboxEvent.external_id))}
    return len(set(range(feed.confirmed)) - stored)


@pytest.mark.db
async def test_claims_that_do_not_look_for_the_head_of_a_lane_lose_its_order(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await prepare(database)
    race = Race(database_url, tmp_path / "journal", total=1500, lanes=75, conditions="")
    await fill(database, race)
    result = await asyncio.to_thread(run_race, race)
    assert result.twice == 0
    assert result.out_of_order > 0
