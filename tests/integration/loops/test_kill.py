"""A worker with the whole engine is killed again and again while customers ask, press, complain and want a person."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from conversations.inbox import InboxPace
from conversations.outbox import OutboxPace
from core.database import Database
from tests.integration.loops.books import Books, nothing_waits, until
from tests.integration.loops.engine_books import read_engine_books
from tests.integration.loops.feed import Feed
from tests.integration.loops.worker import WorkerPlan, prepare, running_worker
from tests.support.push_channel import Journal
from tests.support.whole_engine import STORY, prepare_shop

#: Short leases, so that the next worker need not wait long for what the killed one held.
QUICK_INBOX = InboxPace(tick=0.1, lease=1.0)
QUICK_OUTBOX = OutboxPace(tick=0.1, call=0.5, lease=2.0, account_lease=0.5)
_SEED = 20260302


async def kill_while_events_pour_in(plan: WorkerPlan, feed: Feed, database: Database, kills: int) -> Books:
    """Lets a worker take something in and work up to 0.6 s more, kills it, starts the next; the last one may finish.

    A share of the events is kept for each, so that a slow start leaves no kill without events.
    """
    random = Random(_SEED)
    feed.open()
    for kill in range(kills):
        before = feed.confirmed
        feed.let_through(feed.total * (kill + 1) // (kills + 1))
        with running_worker(plan):
            await _until_it_takes_in(feed, before)
            await asyncio.sleep(random.uniform(0.0, 0.6))
    feed.let_through(feed.total)
    with running_worker(plan):

        async def is_done() -> bool:
            return feed.is_over and await nothing_waits(database)

        await until(is_done, seconds=60 + feed.total / 20)
    arrived = [call.delivery for call in Journal(plan.journal).arrived()]
    return await read_engine_books(database, feed.total, arrived)


async def _until_it_takes_in(feed: Feed, before: int) -> None:
    """However long a busy machine takes to start it."""

    async def it_does() -> bool:
        return feed.confirmed > before

    await until(it_does, seconds=30)


def plan_for(url: str, folder: Path, feed: Feed, **mistakes: bool) -> WorkerPlan:
    return WorkerPlan(url, folder, folder / "journal", feed, inbox=QUICK_INBOX, outbox=QUICK_OUTBOX, **mistakes)


async def run(
    database: Database, url: str, folder: Path, *, chats: int, per_second: float, kills: int, **mistakes: bool
) -> Books:
    """Each chat goes through the story once."""
    await prepare(database)
    await prepare_shop(database, folder)
    feed = Feed(folder, total=chats * len(STORY), per_second=per_second, lanes=chats)
    return await kill_while_events_pour_in(plan_for(url, folder, feed, **mistakes), feed, database, kills)


@pytest.mark.db
async def test_killing_the_worker_20_times_while_1000_events_pour_in_loses_and_doubles_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    books = await run(database, database_url, tmp_path, chats=50, per_second=80, kills=20)
    assert books.wrongs == 0, books


@pytest.mark.db
@pytest.mark.soak
async def test_killing_the_worker_200_times_while_10000_events_pour_in_loses_and_doubles_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    books = await run(database, database_url, tmp_path, chats=500, per_second=60, kills=200)
    assert books.wrongs == 0, books
