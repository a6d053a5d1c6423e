"""One process polls for a bot; another that stands by takes over within fifteen seconds of its death."""

import asyncio
from contextlib import suppress
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from bot.telegram.leadership import Leader
from core.database import Database
from tests.integration.loops.books import nothing_waits, until
from tests.integration.telegram.worker import WorkerPlan, running_worker
from tests.support.clock import FakeClock
from tests.support.echo_engine import prepare_echo
from tests.support.measuring import within
from tests.telegram_server.client import RemoteTelegramServer, telegram_process

TAKE_OVER_SECONDS = 15


class Killed(Leader):
    """Its end is a death: it gives nothing back."""

    async def _release(self) -> None:
        return


@pytest.mark.db
async def test_who_stands_by_polls_within_fifteen_seconds_of_a_death_and_not_before(
    database: Database, clock: FakeClock
) -> None:
    polling: list[str] = []

    async def poll(name: str) -> None:
        polling.append(name)
        await asyncio.Event().wait()

    first = asyncio.create_task(Killed(database, clock, "poller:shop", "first").run(partial(poll, "first")))
    await all_sleep(clock, 1)
    second = asyncio.create_task(Leader(database, clock, "poller:shop", "second").run(partial(poll, "second")))
    await pass_seconds(clock, 30, processes=2)
    assert polling == ["first"]
    await end(first)
    await pass_seconds(clock, TAKE_OVER_SECONDS, processes=1)
    assert polling == ["first", "second"]
    third = asyncio.create_task(Leader(database, clock, "poller:shop", "third").run(partial(poll, "third")))
    await all_sleep(clock, 2)
    await end(second)  # in good order: the next one need not wait
    await pass_seconds(clock, 1, processes=1)
    assert polling == ["first", "second", "third"]
    await end(third)


async def pass_seconds(clock: FakeClock, count: int, processes: int) -> None:
    """One by one; in each, whoever wakes up has all the time that it needs."""
    for _ in range(count):
        await all_sleep(clock, processes)
        clock.advance(1)
    await all_sleep(clock, processes)


async def all_sleep(clock: FakeClock, processes: int) -> None:
    async def is_so() -> bool:
        return [woken.is_set() for _, woken in clock._sleepers] == [False] * processes

    await until(is_so, seconds=20)


async def end(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def take_over_seconds(server: RemoteTelegramServer, database: Database, plan: WorkerPlan, number: int) -> float:
    """Two workers; the one that polls is killed. How long until the other one has answered; `number` counts tries."""
    before = 2 * number
    with running_worker(plan) as first:
        server.control("act", does="says", user={"user_id": 71}, text="one")
        await until_told(server, before + 1)
        with running_worker(plan, BaseProcess.terminate):
            await until(lambda: nothing_waits(database), 10)
            first.kill()
            killed_at = monotonic()
            server.control("act", does="says", user={"user_id": 71}, text="two")
            await until_told(server, before + 2)
            return monotonic() - killed_at


async def until_told(server: RemoteTelegramServer, count: int) -> None:
    async def is_told() -> bool:
        return len(await asyncio.to_thread(server.texts, 71)) >= count

    await until(is_told, 60)


@pytest.mark.soak
@pytest.mark.db
async def test_a_second_process_takes_over_within_fifteen_seconds(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await prepare_echo(database)
    with telegram_process() as server:
        server.control("open_chats", ids=[71])
        plan = WorkerPlan(database_url, server.url, tmp_path, quick=False, whole=False)
        await within(TAKE_OVER_SECONDS, lambda number: take_over_seconds(server, database, plan, number))
        texts = server.texts(71)
        assert texts == ["one", "two"] * (len(texts) // 2)
