"""A worker is killed again and again while events pour in."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from conversations.inbox import InboxPace
from conversations.outbox import OutboxPace
from core.database import Database
from tests.integration.loops.books import Books, nothing_waits, read_books, until
from tests.integration.loops.feed import Feed
from tests.integration.loops.worker import WorkerPlan, prepare, running_worker
from tests.support.push_channel import Journal

#: Short leases, so that the next worker need not wait long for what the killed one held.
QUICK_INBOX = InboxPace(tick=0.1, lease=0.6)
QUICK_OUTBOX = OutboxPace(tick=0.1, call=0.3, lease=0.6, account_lease=0.4)
_SEED = 20260302


async def kill_while_events_pour_in(plan: WorkerPlan, feed: Feed, database: Database, kills: int) -> Books:
    """Lets a worker run 0.1 to 0.8 s, kills it, starts the next; the last one may finish."""
    random = Random(_SEED)
    feed.open()
    for _ in range(kills):
        with running_worker(plan):
            await asyncio.sleep(random.uniform(0.1, 0.8))
    with running_worker(plan):

        async def is_done() -> bool:
            return feed.is_over and await nothing_waits(database)

        await until(is_done, seconds=60 + feed.total / 20)
    return await read_books(database, Journal(plan.journal), feed.total)


def plan_for(url: str, folder: Path, feed: Feed, confirms_first: bool = False) -> WorkerPlan:
    return WorkerPlan(
        url, folder / "journal", feed, confirms_first=confirms_first, inbox=QUICK_INBOX, outbox=QUICK_OUTBOX
    )


@pytest.mark.db
async def test_killing_the_worker_20_times_loses_and_doubles_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await prepare(database)
    feed = Feed(tmp_path, total=1000, per_second=100, lanes=50)
    books = await kill_while_events_pour_in(plan_for(database_url, tmp_path, feed), feed, database, kills=20)
    assert books.wrongs == 0, books


@pytest.mark.db
@pytest.mark.soak
async def test_killing_the_worker_200_times_loses_and_doubles_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await prepare(database)
    feed = Feed(tmp_path, total=10_000, per_second=100, lanes=200)
    books = await kill_while_events_pour_in(plan_for(database_url, tmp_path, feed), feed, database, kills=200)
    assert books.wrongs == 0, books
