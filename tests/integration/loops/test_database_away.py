"""The database goes away and comes back: everything is handled, in order, and nothing has to be started again."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from conversations.inbox import InboxLoop
from conversations.leases import new_worker_id
from conversations.outbox import OutboxLoop
from core.clock import SystemClock
from core.database import Database
from migrations.runner import migrate
from tests.integration.loops.books import nothing_waits, read_books, until
from tests.integration.loops.feed import Feed
from tests.integration.loops.running import running
from tests.integration.loops.test_kill import QUICK_INBOX, QUICK_OUTBOX
from tests.integration.loops.worker import ACCOUNT, Handler, decode, prepare, take_in
from tests.support.postgres import PostgresServer, running_postgres
from tests.support.push_channel import Journal, PushChannel


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        server.create("kefu")
        yield server


async def go_through_an_absence(server: PostgresServer, folder: Path, down_seconds: float, catch_up: float) -> None:
    """Events come at 20 a second; the server is away in the middle."""
    database, clock, journal = Database(server.url("kefu")), SystemClock(), Journal(folder / "journal")
    await migrate(server.url("kefu"))
    await prepare(database)
    # The test's servers forget the last moments when they are killed; this one must not.
    async with database.write() as session:
        await session.execute(text("ALTER DATABASE kefu SET synchronous_commit = on"))
    await database.engine.dispose()

    total = int(20 * (down_seconds + 3))
    feed = Feed(folder, total=total, per_second=20, lanes=10)
    feed.open()
    inbox = InboxLoop(database, clock, {"test": decode}, Handler(database), new_worker_id(), pace=QUICK_INBOX)
    channel = PushChannel(journal, clock)
    outbox = OutboxLoop(database, clock, {ACCOUNT: channel}, new_worker_id(), pace=QUICK_OUTBOX)

    async def take_in_again_and_again() -> None:
        while not feed.is_over:
            with contextlib.suppress(Exception):
                await take_in(database, feed, confirms_first=False)
            await asyncio.sleep(0.05)

    async def is_done() -> bool:
        with contextlib.suppress(Exception):
            return feed.is_over and await nothing_waits(database)
        return False

    async with running(inbox, outbox):
        intake = asyncio.create_task(take_in_again_and_again())
        await asyncio.sleep(1)
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(down_seconds)
        await asyncio.to_thread(server.start)
        await until(is_done, seconds=2 + catch_up)
        await intake
    books = await read_books(database, journal, total)
    await database.close()
    assert books.wrongs == 0, books


async def test_the_loops_outlive_the_absence_of_their_database(own_server: PostgresServer, tmp_path: Path) -> None:
    await go_through_an_absence(own_server, tmp_path, down_seconds=2, catch_up=20)


@pytest.mark.soak
async def test_a_minute_without_the_database_is_made_up_within_two(own_server: PostgresServer, tmp_path: Path) -> None:
    await go_through_an_absence(own_server, tmp_path, down_seconds=60, catch_up=120)
