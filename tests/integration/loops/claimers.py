"""Processes that claim deliveries against each other and note in which order they had them."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from conversations.leases import new_worker_id
from conversations.models import Delivery
from conversations.outbox import enqueue
from conversations.outbox_rows import LANE_HEADS, LOCKS, claim_statement, settle_all
from conversations.settlement import Settlement
from conversations.values import DeliveryState
from core.clock import SystemClock
from core.database import Database
from tests.integration.loops.books import count_inversions
from tests.integration.loops.worker import reply
from tests.support.forks import forks
from tests.support.push_channel import Journal


@dataclass(frozen=True, slots=True)
class Race:
    """`conditions`: what a claim asks for; the sending lease, which would leave but one claimer, is not part of it."""

    url: str
    journal: Path
    total: int
    lanes: int
    conditions: str = LANE_HEADS


@dataclass(frozen=True, slots=True)
class RaceResult:
    lost: int
    twice: int
    out_of_order: int


async def fill(database: Database, race: Race) -> None:
    """Deliveries in any lane, as chats write them; payloads count up."""
    random = Random(race.total)
    drafts = [reply(f"lane-{random.randrange(race.lanes)}", [number], str(number)) for number in range(race.total)]
    async with database.write() as session:
        await enqueue(session, *drafts)


def run_race(race: Race, workers: int = 4) -> RaceResult:
    """Starts the claimers together and waits until nothing is left."""
    processes = [forks.Process(target=_main, args=(race,)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
        process.close()
    return _judge(race)


def _judge(race: Race) -> RaceResult:
    seen = [(entry["lane"], entry["number"]) for entry in Journal(race.journal).entries()]
    return RaceResult(race.total - len(set(seen)), len(seen) - len(set(seen)), count_inversions(seen))


def _main(race: Race) -> None:
    asyncio.run(_claim_all(race))


async def _claim_all(race: Race) -> None:
    database, worker, journal = Database(race.url), new_worker_id(), Journal(race.journal)
    while await _claim_ten(database, worker, journal, race.conditions) or await _is_any_left(database):
        pass
    await database.close()


async def _claim_ten(database: Database, worker: str, journal: Journal, conditions: str) -> int:
    """Claim, commit, "send", commit."""
    now = SystemClock().now()
    statement = claim_statement(LOCKS[database.engine.dialect.name], conditions)
    until = now + timedelta(minutes=1)
    async with database.write() as session:
        values = {"claim": worker, "most": 10, "now": now, "until": until}
        rows = sorted((await session.execute(statement, values)).all(), key=lambda row: row.id)
    for row in rows:
        journal.append({"lane": row.lane, "number": row.payload["answers"][0]})
        await asyncio.sleep(0)
    async with database.write() as session:
        await settle_all(session, [(row.id, worker, Settlement(DeliveryState.SENT, sent_at=now)) for row in rows])
    return len(rows)


async def _is_any_left(database: Database) -> bool:
    async with database.read() as session:
        return bool(await session.scalar(select(func.count()).where(Delivery.state == DeliveryState.PENDING)))
