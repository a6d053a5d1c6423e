"""A process that plans, dispatches and sends follow-ups to the test server, to be killed; and two with a mistake."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import update

from bot.telegram.door import Surroundings, open_door
from conversations.admission import Admission
from conversations.deliveries import Outcome, Sender, SendJob
from conversations.leases import new_worker_id
from conversations.models import Delivery
from conversations.outbox import OutboxLoop, OutboxPace
from conversations.values import DeliveryKind, DeliveryState
from core.clock import SystemClock
from core.database import Database
from core.files import FolderStore
from core.logs import configure_logs
from core.secretbox import SecretBox
from core.settings import LogFormat
from scheduler.carrying import carry_over
from scheduler.dispatch import dispatch_due
from scheduler.planner import plan_ahead
from tests.integration.follow_ups.office import make_office
from tests.support.echo_engine import EchoEngine
from tests.support.forks import forks
from tests.support.telegram_bot import SECRET, telegram_settings

#: Short leases, so that the next worker need not wait long for what the killed one held.
_PACE = OutboxPace(tick=0.1, call=0.5, lease=0.8, account_lease=0.4)
#: Calls in flight: so many a kill may cut off.
IN_FLIGHT = 8
_UNSURE = (DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Mistake(StrEnum):
    """What a control does wrong. `resends`: whatever is unsure. `marks_first`: as sent, before it is."""

    NONE = "none"
    RESENDS = "resends"
    MARKS_FIRST = "marks_first"


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    database_url: str
    server_url: str
    folder: Path
    mistake: Mistake = Mistake.NONE
    #: As of `Database`.
    idle_seconds: float = 15.0


class MarkingSender:
    """Writes down that it was sent, then sends."""

    def __init__(self, inner: Sender, database: Database) -> None:
        self._inner = inner
        self._database = database

    async def send(self, job: SendJob) -> Outcome:
        async with self._database.write() as session:
            await session.execute(update(Delivery).where(Delivery.id == job.id).values(state=DeliveryState.SENT))
        return await self._inner.send(job)


async def work(plan: WorkerPlan) -> None:
    """Runs for ever; made to be killed."""
    configure_logs(LogFormat.JSON, logging.CRITICAL)  # a traceback takes a second to draw
    database = Database(plan.database_url, idle_seconds=plan.idle_seconds)
    clock, office = SystemClock(), make_office()
    around = Surroundings(
        settings=telegram_settings(database, plan.server_url, data_dir=plan.folder),
        clock=clock,
        database=database,
        box=SecretBox(SECRET),
        files=FolderStore(plan.folder / "files"),
        engine=EchoEngine(database, clock),
        worker_id=new_worker_id(),
        serves_http=False,
    )
    if plan.mistake is Mistake.RESENDS:
        await _send_again(database)
    async with open_door(around) as door:
        sender = MarkingSender(door.sender, database) if plan.mistake is Mistake.MARKS_FIRST else door.sender
        admission = Admission(office.rulebook, office.zone)
        senders = {door.account: sender}
        outbox = OutboxLoop(
            database, clock, senders, new_worker_id(), calls_at_once=IN_FLIGHT, pace=_PACE, admission=admission
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(outbox.run())
            while True:
                await plan_ahead(database, office, clock.now())
                await dispatch_due(database, office, clock.now())
                await carry_over(database)
                await asyncio.sleep(0.1)


async def _send_again(database: Database) -> None:
    """Everything that the one before may have sent or not."""
    async with database.write() as session:
        unsure = (Delivery.kind == DeliveryKind.FOLLOW_UP) & Delivery.state.in_(_UNSURE)
        again = {"state": DeliveryState.PENDING, "claim": None, "lease_until": None}
        await session.execute(update(Delivery).where(unsure).values(**again))


def _main(plan: WorkerPlan) -> None:
    asyncio.run(work(plan))


@contextmanager
def running_worker(plan: WorkerPlan) -> Iterator[int]:
    """A worker in a process of its own, by its id; killed without a word at the end."""
    process = forks.Process(target=_main, args=(plan,))
    process.start()
    try:
        yield process.pid or 0
    finally:
        process.kill()
        process.join(30)
        process.close()
