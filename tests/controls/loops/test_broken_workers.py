"""Workers with a mistake in them: the tests of the loops must notice each."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from conversations.leases import new_worker_id
from conversations.models import InboxEvent
from conversations.outbox import OutboxLoop, enqueue
from conversations.values import DeliveryKind, DeliveryState
from core.database import Database
from tests.integration.loops.books import until
from tests.integration.loops.claimers import Race, fill, run_race
from tests.integration.loops.feed import Feed
from tests.integration.loops.running import running
from tests.integration.loops.standstill import PACE, JumpingClock, StandsStill
from tests.integration.loops.test_kill import plan_for, run
from tests.integration.loops.test_outbox import until_states
from tests.integration.loops.worker import ACCOUNT, prepare, reply, running_worker
from tests.support.push_channel import Journal


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


class _Nothing(set[int]):
    def add(self, _number: int) -> None:
        """It is not kept."""


async def test_a_process_that_takes_its_own_calls_for_a_dead_one_s_loses_the_order_of_a_chat(
    database: Database, tmp_path: Path
) -> None:
    await prepare(database)
    journal, clock = Journal(tmp_path / "journal"), JumpingClock()
    channel = StandsStill(journal, database, clock, arrived=False)
    async with database.write() as session:
        await enqueue(session, *(reply("chat", [n], f"key-{n}", DeliveryKind.AGENT_REPLY) for n in (1, 2)))
    loop = OutboxLoop(database, clock, {ACCOUNT: channel}, new_worker_id(), pace=PACE)
    loop._unsettled = _Nothing()
    async with running(loop):
        await until_states(database, DeliveryState.FAILED, DeliveryState.SENT)
    assert [call.payload["answers"] for call in journal.arrived()] == [[2]]
