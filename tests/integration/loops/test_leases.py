"""The right to send for an account: one process at a time, and the next one soon after a death."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from conversations.inbox import InboxPace
from conversations.leases import LEASE_SECONDS, HeldLease, acquire, new_worker_id, release, renew
from conversations.outbox import OutboxPace, enqueue
from core.database import Database
from tests.integration.loops.books import nothing_waits, until
from tests.integration.loops.worker import WorkerPlan, prepare, reply, running_worker
from tests.support.clock import FakeClock
from tests.support.measuring import within
from tests.support.push_channel import Journal

TAKE_OVER_SECONDS = 15


@pytest.mark.db
async def test_a_lease_has_one_holder_and_each_new_one_a_larger_fence(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        first = await acquire(session, "poll:shop", "one", clock.now())
        assert first == HeldLease("poll:shop", "one", 1, clock.now() + timedelta(seconds=LEASE_SECONDS))
        assert await acquire(session, "poll:shop", "two", clock.now()) is None
        assert await acquire(session, "poll:other", "two", clock.now()) is not None
    clock.advance(LEASE_SECONDS - 1)
    async with database.write() as session:
        renewed = await renew(session, first, clock.now())
        assert renewed is not None
        assert renewed.fence == 1
    clock.advance(LEASE_SECONDS - 1)
    async with database.write() as session:
        assert await acquire(session, "poll:shop", "two", clock.now()) is None
    clock.advance(1)
    async with database.write() as session:
        second = await acquire(session, "poll:shop", "two", clock.now())
        assert second is not None
        assert second.fence == 2
        assert await renew(session, renewed, clock.now()) is None
        await release(session, "poll:shop", "one", clock.now())
        assert await acquire(session, "poll:shop", "one", clock.now()) is None
        await release(session, "poll:shop", "two", clock.now())
        third = await acquire(session, "poll:shop", "one", clock.now())
        assert third is not None
        assert third.fence == 3


@pytest.mark.db
async def test_one_of_many_that_ask_at_once_gets_the_lease(database: Database, clock: FakeClock) -> None:
    async def ask(_number: int) -> HeldLease | None:
        async with database.write() as session:
            return await acquire(session, "poll:shop", new_worker_id(), clock.now())

    assert len([lease for lease in await asyncio.gather(*map(ask, range(20))) if lease]) == 1


def _has_calls(journal: Journal, count: int) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return len(journal.arrived()) >= count

    return is_so


async def _send(database: Database, number: int) -> None:
    async with database.write() as session:
        await enqueue(session, reply(f"chat-{number}", [number], str(number)))


async def take_over_seconds(database: Database, plan: WorkerPlan, number: int) -> float:
    """Two workers; the one that sends is killed. How long until the other one does; `number` tells tries apart."""
    first, second = 2 * number + 1, 2 * number + 2
    journal = Journal(plan.journal)
    with running_worker(plan) as sender:
        await _send(database, first)
        await until(_has_calls(journal, first), seconds=30)
        with running_worker(plan):
            await until(_are_up(plan, second), seconds=30)
            await until(lambda: nothing_waits(database), seconds=30)
            sender.kill()
            died = monotonic()
            await _send(database, second)
            await until(_has_calls(journal, second), seconds=60)
            return monotonic() - died


def _are_up(plan: WorkerPlan, count: int) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return len(list(plan.folder.glob("worker-*"))) >= count

    return is_so


@pytest.mark.db
async def test_another_process_sends_within_15_seconds_of_a_senders_death(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """At a fifth of the time: every pace divided by five."""
    await prepare(database)
    usual = OutboxPace()
    outbox = OutboxPace(usual.tick / 5, usual.call / 5, usual.lease / 5, usual.account_lease / 5)
    plan = WorkerPlan(database_url, tmp_path, tmp_path / "journal", inbox=InboxPace(), outbox=outbox)
    await within(TAKE_OVER_SECONDS / 5, lambda number: take_over_seconds(database, plan, number))


@pytest.mark.db
@pytest.mark.soak
async def test_another_process_sends_within_15_seconds_in_full(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await prepare(database)
    plan = WorkerPlan(database_url, tmp_path, tmp_path / "journal")
    await within(TAKE_OVER_SECONDS, lambda number: take_over_seconds(database, plan, number))
