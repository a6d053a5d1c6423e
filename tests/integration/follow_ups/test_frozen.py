"""A leader that stands still (SIGSTOP) while follow-ups go out: another goes on, and nothing is sent again after it."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import Database
from tests.integration.follow_ups.test_kill import all_ended, finish, prepare, read_books
from tests.integration.follow_ups.worker import IN_FLIGHT, WorkerPlan, running_worker
from tests.integration.loops.books import until
from tests.support.databases import PostgresDatabases
from tests.telegram_server.client import RemoteTelegramServer, telegram_process

pytestmark = pytest.mark.telegram
PEOPLE = 90
#: Long enough for a loaded machine between two statements, and for a test.
IDLE_SECONDS = 2.0
#: Transactions that have written and do nothing just now.
_HOLDING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND state = 'idle in transaction' AND backend_xid IS NOT NULL"
)
#: Both want the same row.
_TAKE = text(
    "INSERT INTO lease (name, holder, until, fence) VALUES ('x', 'y', now(), 1)"
    " ON CONFLICT (name) DO UPDATE SET until = now()"
)


@pytest.fixture
def server() -> Iterator[RemoteTelegramServer]:
    with telegram_process() as running:
        yield running


async def freeze_between(process: int, database: Database) -> None:
    """Not in the middle of a transaction: on SQLite that stops every other process too, for as long as it lasts."""

    async def holds_nothing() -> bool:
        with closing(sqlite3.connect(str(database.url.database), timeout=0, isolation_level=None)) as probe:
            try:
                probe.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            probe.execute("ROLLBACK")
            return True

    await _freeze(process, holds_nothing)


async def freeze_within(process: int, database: Database) -> None:
    """In the middle of a transaction that has written: its rows are locked."""

    async def holds_rows() -> bool:
        await asyncio.sleep(0.01)  # what was asked last is answered by then
        async with database.read() as session:
            return bool(await session.scalar(_HOLDING))

    await _freeze(process, holds_rows)


async def _freeze(process: int, is_right: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(400):
        os.kill(process, signal.SIGSTOP)
        if await is_right():
            return
        os.kill(process, signal.SIGCONT)
        await asyncio.sleep(0.003)
    raise AssertionError("it never stood still at such a moment")


@asynccontextmanager
async def sending(database: Database, plan: WorkerPlan, server: RemoteTelegramServer) -> AsyncIterator[int]:
    """A worker that has sent some of what is due, by its id."""
    await prepare(database, PEOPLE)
    server.control("open_chats", ids=list(range(1, PEOPLE + 1)))
    server.control("enforce_limits")
    with running_worker(plan) as leader:

        async def has_begun() -> bool:
            return bool(server.control("state")["new_messages"] > 10)

        await until(has_begun, seconds=20)
        yield leader


async def a_frozen_leader_is_replaced(
    database: Database,
    plan: WorkerPlan,
    server: RemoteTelegramServer,
    freeze: Callable[[int, Database], Awaitable[None]],
) -> None:
    async with sending(database, plan, server) as leader:
        await freeze(leader, database)
        seen = server.control("state")["new_messages"]
        await finish(database, plan, PEOPLE)  # by another, once leases and locks have run out
        assert server.control("state")["new_messages"] > seen, "the other had nothing left to do"
        os.kill(leader, signal.SIGCONT)
        await asyncio.sleep(timedelta(seconds=1.5).total_seconds())  # it works again, and finds nothing to claim
        await all_ended(database, PEOPLE)  # what it knows was refused meanwhile is no longer unknown, and goes out once
    books = await read_books(database, server, PEOPLE)
    assert (books.lost, books.twice, books.open) == (0, 0, 0)
    assert books.unknown <= IN_FLIGHT


async def test_a_leader_that_is_frozen_is_replaced_and_sends_nothing_again_when_it_thaws(
    database: Database, database_url: str, server: RemoteTelegramServer, tmp_path: Path
) -> None:
    plan = WorkerPlan(database_url, server.url, tmp_path)
    await a_frozen_leader_is_replaced(database, plan, server, freeze_between)


async def test_nor_does_one_that_is_frozen_within_a_transaction_hold_the_others_up_on_postgresql(
    postgres_databases: PostgresDatabases, server: RemoteTelegramServer, tmp_path: Path
) -> None:
    async with on_postgresql(postgres_databases) as database:
        plan = WorkerPlan(url_of(database), server.url, tmp_path, idle_seconds=IDLE_SECONDS)
        await a_frozen_leader_is_replaced(database, plan, server, freeze_within)


async def test_a_transaction_that_stands_still_is_ended_and_its_process_goes_on_with_another(
    postgres_databases: PostgresDatabases,
) -> None:
    async with on_postgresql(postgres_databases) as database:
        slow = Database(url_of(database), idle_seconds=0.1)

        async def stand_still() -> None:
            async with slow.write() as session:
                await session.execute(_TAKE)
                async with database.write() as other:  # waits for the row, and no longer than the pause may last
                    await other.execute(_TAKE)
                await session.execute(_TAKE)

        with pytest.raises(DBAPIError) as ended:
            await stand_still()
        assert ended.value.connection_invalidated
        async with slow.write() as session:
            await session.execute(_TAKE)
        await slow.close()


@asynccontextmanager
async def on_postgresql(databases: PostgresDatabases) -> AsyncIterator[Database]:
    with databases.fresh() as url:
        database = Database(url)
        yield database
        await database.close()


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)
