"""A worker process that can be killed: it polls a feed, handles events with the whole engine, and sends the answers.

Beside it a handler of a few lines, for tests of the loops alone.
"""

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, update

from bot.bootstrap.services import decoders
from conversations.batches import Batch, StoredEvent
from conversations.deliveries import REPLY_PRIORITY, DeliveryDraft
from conversations.inbox import InboxLoop, InboxPace, receive
from conversations.leases import new_worker_id
from conversations.models import Account, Delivery
from conversations.outbox import OutboxLoop, OutboxPace, enqueue
from conversations.values import DeliveryKind, DeliveryState, Pressed, Said, Visitor
from core.clock import SystemClock
from core.database import Database, WriteSession
from core.listeners import listen
from core.logs import configure_logs
from core.settings import LogFormat
from tests.integration.loops.feed import Feed
from tests.support.forks import forks
from tests.support.push_channel import Journal, PushChannel
from tests.support.whole_engine import STORY, open_engine

ACCOUNT = "test:shop"

#: What the small handler does to the world. No key forbids a second row: a double effect shows.
EFFECTS = Table(
    "effect",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer),
    Column("lane", String(40)),
    Column("number", Integer),
)


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker does; the shop's index lies in `folder`, which `prepare_shop` has filled, and a file `worker-PID`
    for each that is up.

    Mistakes of controls: `confirms_first`, the feed is confirmed before the commit; `forgets_sending`, what the one
    before had in its hands is sent without a word about that.
    """

    url: str
    folder: Path
    journal: Path
    feed: Feed | None = None
    confirms_first: bool = False
    forgets_sending: bool = False
    inbox: InboxPace = field(default_factory=InboxPace)
    outbox: OutboxPace = field(default_factory=OutboxPace)
    latency: float = 0.004


async def prepare(database: Database) -> None:
    """The account and the table of effects."""
    async with database.write() as session:
        session.add(Account(name=ACCOUNT, channel="test", created_at=SystemClock().now(), data={}))
        await (await session.connection()).run_sync(EFFECTS.create)


def decode(stored: StoredEvent) -> Said:
    return Said(visitor=Visitor(external_id=stored.lane), at=stored.received_at, message_id=stored.external_id)


class Handler:
    """Notes each event as an effect and answers the batch, in one transaction with its completion."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, batch: Batch) -> None:
        now = SystemClock().now()
        numbers = [int(item.external_id) for item in batch.items]
        async with self._database.write() as session:
            rows = [{"event_id": item.id, "lane": batch.lane, "number": int(item.external_id)} for item in batch.items]
            await session.execute(insert(EFFECTS), rows)
            await batch.complete(session, now)
            await enqueue(session, reply(batch.lane, numbers, f"answer:{batch.items[0].id}"))


def reply(lane: str, numbers: list[int], dedupe_key: str, kind: DeliveryKind = DeliveryKind.REPLY) -> DeliveryDraft:
    return DeliveryDraft(
        account=ACCOUNT,
        lane=lane,
        kind=kind,
        payload={"answers": numbers},
        dedupe_key=dedupe_key,
        priority=REPLY_PRIORITY,
        due_at=SystemClock().now(),
    )


async def take_in(database: Database, feed: Feed, confirms_first: bool) -> None:
    """Polls until the feed is over: store, commit, confirm."""
    while not feed.is_over:
        numbers = feed.poll()
        if numbers and confirms_first:
            feed.confirm(numbers[-1])
        if numbers:
            async with database.write() as session:
                for number in numbers:
                    await store(session, number, feed.lanes)
            feed.confirm(numbers[-1])
        await asyncio.sleep(0.002)


async def store(session: WriteSession, number: int, lanes: int) -> None:
    """The lanes' customers do their next deeds by turns."""
    now, visitor = SystemClock().now(), Visitor(external_id=f"chat-{number % lanes}")
    deed = STORY[number // lanes % len(STORY)]
    event: Said | Pressed = Said(visitor=visitor, at=now, message_id=str(number), text=deed.text)
    if deed.button:
        event = Pressed(visitor=visitor, at=now, message_id=str(number), button=deed.button)
    raw = event.model_dump(mode="json")
    await receive(session, account=ACCOUNT, external_id=str(number), lane=visitor.external_id, raw=raw, now=now)


async def work(plan: WorkerPlan) -> None:
    """Runs for ever; made to be killed."""
    configure_logs(LogFormat.JSON, logging.CRITICAL)  # a traceback takes a second to draw
    database, clock, worker_id = Database(plan.url), SystemClock(), new_worker_id()
    if plan.forgets_sending:
        await _forget_sending(database)
    handler = (await open_engine(database, plan.folder)).conversations.handle
    channel = PushChannel(Journal(plan.journal), clock, latency=plan.latency)
    inbox = InboxLoop(database, clock, decoders(), handler, worker_id, pace=plan.inbox)
    outbox = OutboxLoop(database, clock, {ACCOUNT: channel}, worker_id, pace=plan.outbox)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen(database))
        tasks.create_task(inbox.run())
        tasks.create_task(outbox.run())
        (plan.folder / f"worker-{os.getpid()}").touch()
        if plan.feed:
            tasks.create_task(take_in(database, plan.feed, plan.confirms_first))


async def _forget_sending(database: Database) -> None:
    async with database.write() as session:
        sending = update(Delivery).where(Delivery.state == DeliveryState.SENDING)
        await session.execute(sending.values(state=DeliveryState.PENDING, claim=None, lease_until=None))


def _main(plan: WorkerPlan) -> None:
    asyncio.run(work(plan))


@contextmanager
def running_worker(plan: WorkerPlan) -> Iterator[BaseProcess]:
    """A worker in a process of its own, killed without a word at the end."""
    process = forks.Process(target=_main, args=(plan,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()
