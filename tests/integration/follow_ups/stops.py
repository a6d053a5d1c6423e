"""Customers who say "stop" while their follow-up is on its way out, many at once and at any moment."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from sqlalchemy import select

from conversations.admission import Admission
from conversations.deliveries import Outcome, SendJob, Sent
from conversations.leases import new_worker_id
from conversations.models import Delivery
from conversations.outbox import OutboxLoop, OutboxPace
from conversations.values import DeliveryState
from core.clock import SystemClock
from core.database import Database
from customers.consents import stop_everything
from scheduler.dispatch import dispatch_due
from scheduler.planner import Office, plan_ahead
from tests.integration.follow_ups.office import make_office
from tests.integration.loops.books import until
from tests.integration.loops.running import running
from tests.support.telegram_bot import ACCOUNT

MakeAdmission = Callable[[Office], Admission]


@dataclass
class Journal:
    """What happened, in order: calls to customers, and stops that were committed.

    `too_late`: whose follow-up was let out already, by a commit, when their stop had its turn.
    """

    calls: list[int] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)
    too_late: set[int] = field(default_factory=set)
    after_stop: list[int] = field(default_factory=list)

    async def send(self, job: SendJob) -> Outcome:
        customer = job.customer_id or 0
        self.calls.append(customer)
        if customer in self.stopped - self.too_late:
            self.after_stop.append(customer)
        await asyncio.sleep(0)
        return Sent(str(job.id))


def sound(office: Office) -> Admission:
    return Admission(office.rulebook, office.zone)


async def race(database: Database, people: int, seed: int, make_admission: MakeAdmission = sound) -> Journal:
    """Everybody's follow-up is due; half of them say "stop" at some moment while the outbox sends."""
    office, clock, journal, random = make_office(), SystemClock(), Journal(), Random(seed)
    await plan_ahead(database, office, clock.now())
    await dispatch_due(database, office, clock.now())
    stopping = random.sample(range(1, people + 1), people // 2)
    pace = OutboxPace(tick=0.05)
    loop = OutboxLoop(database, clock, {ACCOUNT: journal}, new_worker_id(), pace=pace, admission=make_admission(office))
    # Just before, while or after the customer's own turn comes: the outbox sends in the order of the ids.
    moments = sorted((customer * 0.6 - 20 * random.random(), customer) for customer in stopping)
    async with running(loop), asyncio.TaskGroup() as stops:
        for calls, customer in moments:
            await until(partial(_has_come, database, journal, calls), seconds=120)
            stops.create_task(_stop(database, journal, customer))
        await until(lambda: _is_over(database), seconds=120)
    return journal


async def _has_come(database: Database, journal: Journal, calls: float) -> bool:
    return len(journal.calls) >= calls or await _is_over(database)


async def _stop(database: Database, journal: Journal, customer: int) -> None:
    async with database.write() as session:
        await stop_everything(session, customer, source="chat", now=SystemClock().now())
        await session.flush()  # from here on no follow-up of theirs is let out
        state = await session.scalar(select(Delivery.state).where(Delivery.customer_id == customer))
    journal.stopped.add(customer)
    if state is not DeliveryState.PENDING:
        journal.too_late.add(customer)


async def _is_over(database: Database) -> bool:
    waiting = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
    async with database.read() as session:
        return await session.scalar(select(Delivery.id).where(waiting).limit(1)) is None
