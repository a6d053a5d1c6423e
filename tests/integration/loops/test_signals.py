"""A commit in one process wakes those who wait in another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from core.clock import SystemClock
from core.database import Database
from core.listeners import listen
from core.shop import read_shop, write_shop
from core.signals import MESSAGES, Signal, Subscription
from tests.support.databases import PostgresDatabases
from tests.support.measuring import within
from tests.support.postgres import running_postgres

SEVEN = Signal(MESSAGES, "7")


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[None]:
    task = asyncio.create_task(listen(database))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def other_process(url: str) -> AsyncIterator[Database]:
    """As far as the database can tell: it has its own connections, signals and listener."""
    other = Database(url)
    async with listening(other):
        yield other
    await other.close()


async def commit(database: Database, *said: Signal) -> None:
    """Writes something, and says so."""
    async with database.write() as session:
        facts, _ = await read_shop(session)
        await write_shop(session, facts, "test", SystemClock().now())
        for signal in said:
            session.signal(signal.topic, signal.key)


async def settle_down(database: Database) -> None:
    """Until a listener has begun and has passed on what it had to."""
    with database.signals.subscribe(SEVEN) as anything:
        await anything.wait(timeout=2)
        while await anything.wait(timeout=0.4):
            pass


@pytest.mark.db
async def test_a_commit_wakes_who_waits_for_it_in_another_process_within_a_second(
    database: Database, database_url: str
) -> None:
    async with other_process(database_url) as other:
        await settle_down(other)
        with other.signals.subscribe(SEVEN) as waiting:
            await within(1, lambda _try: _until_woken(database, waiting))


async def _until_woken(database: Database, waiting: Subscription) -> float:
    """How many seconds after its commit a signal wakes who waits for it."""
    await commit(database, SEVEN)
    committed = monotonic()
    assert await waiting.wait(timeout=10)
    return monotonic() - committed


@pytest.mark.db
async def test_it_does_so_while_the_other_process_writes_too(database: Database, database_url: str) -> None:
    async with other_process(database_url) as other:
        await settle_down(other)

        async def write_on() -> None:
            while True:
                await commit(other)
                await asyncio.sleep(0.05)

        writing = asyncio.create_task(write_on())
        with other.signals.subscribe(SEVEN) as waiting:
            await within(2, lambda _try: _until_woken(database, waiting))
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def test_a_process_that_is_alone_with_its_file_is_left_in_peace(database: Database) -> None:
    async with listening(database):
        await asyncio.sleep(0.3)
        with database.signals.subscribe(SEVEN) as waiting:
            assert not await waiting.wait(timeout=0.6)


async def test_notifications_name_what_changed_and_do_not_come_back_to_their_sender(
    postgres_databases: PostgresDatabases,
) -> None:
    with postgres_databases.fresh() as url:
        async with other_process(url) as sender, other_process(url) as other:
            await settle_down(sender)
            with (
                sender.signals.subscribe(SEVEN) as own,
                other.signals.subscribe(SEVEN) as seven,
                other.signals.subscribe(Signal(MESSAGES, "8")) as eight,
            ):
                await commit(sender, SEVEN)
                assert await seven.wait(timeout=10) == {SEVEN}
                assert not await eight.wait(timeout=0.2)
                assert await own.wait(timeout=10) == {SEVEN}
                assert not await own.wait(timeout=0.2)


async def test_listening_goes_on_after_the_server_was_away() -> None:
    with running_postgres() as server:
        server.create("away")
        async with other_process(server.url("away")) as other:
            with other.signals.subscribe(SEVEN) as waiting:
                assert await waiting.wait(timeout=10), "everybody is woken when listening begins"
                server.stop()
                await asyncio.sleep(0.3)
                await asyncio.to_thread(server.start)
                assert await waiting.wait(timeout=10), "and after a gap"
            with other.signals.subscribe(SEVEN) as waiting:
                await _notify(server.url("away"))
                assert await waiting.wait(timeout=10)


async def _notify(url: str) -> None:
    database = Database(url)
    async with database.write() as session:
        session.signal(SEVEN.topic, SEVEN.key)
    await database.close()
