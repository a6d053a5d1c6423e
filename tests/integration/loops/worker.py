"""A worker process that can be killed: it polls a feed, handles events with a small handler, and sends the replies."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from conversations.batches import Batch, StoredEvent
from conversations.deliveries import REPLY_PRIORITY, DeliveryDraft
from conversations.inbox import InboxLoop, InboxPace, receive
from conversations.leases import new_worker_id
from conversations.models import Account
from conversations.outbox import OutboxLoop, OutboxPace, enqueue
from conversations.values import DeliveryKind, Said, Visitor
from core.clock import SystemClock
from core.database import Database, WriteSession
from core.listeners import listen
from tests.integration.loops.feed import Feed
from tests.support.push_channel import Journal, PushChannel

ACCOUNT = "test:shop"

#: What handling does to the world. No key forbids a second row: a double effect shows.
EFFECTS = Table(
    "effect",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer),
    Column("lane", String(40)),
    Column("number", Integer),
)

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.integration.loops.worker"])


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker does. `confirms_first` is the mistake of a control: the feed is confirmed before the commit."""

    url: str
    journal: Path
    feed: Feed | None = None
    confirms_first: bool = False
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
    lane = f"chat-{number % lanes}"
    now = SystemClock().now()
    await receive(session, account=ACCOUNT, external_id=str(number), lane=lane, raw={"number": number}, now=now)


async def work(plan: WorkerPlan) -> None:
    """Runs for ever; made to be killed."""
    database, clock, worker_id = Database(plan.url), SystemClock(), new_worker_id()
    channel = PushChannel(Journal(plan.journal), clock, latency=plan.latency)
    inbox = InboxLoop(database, clock, {"test": decode}, Handler(database), worker_id, pace=plan.inbox)
    outbox = OutboxLoop(database, clock, {ACCOUNT: channel}, worker_id, pace=plan.outbox)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen(database))
        tasks.create_task(inbox.run())
        tasks.create_task(outbox.run())
        if plan.feed:
            tasks.create_task(take_in(database, plan.feed, plan.confirms_first))


def _main(plan: WorkerPlan) -> None:
    asyncio.run(work(plan))


@contextmanager
def running_worker(plan: WorkerPlan) -> Iterator[BaseProcess]:
    """A worker in a process of its own, killed without a word at the end."""
    process = _forks.Process(target=_main, args=(plan,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()
