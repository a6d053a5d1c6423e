"""What happens to events between their coming in and their being done."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import select

from conversations import inbox_rows, repair
from conversations.batches import Batch, Item, LostClaim, StoredEvent, Undecodable
from conversations.inbox import InboxLoop, InboxPace
from conversations.leases import new_worker_id
from conversations.models import Delivery, InboxEvent
from conversations.values import Event, InboxState
from core.clock import SystemClock
from core.database import Database
from core.errors import Conflict, NotFound
from tests.integration.loops.books import until
from tests.integration.loops.running import running
from tests.integration.loops.worker import Handler, decode, prepare, store

QUICK = InboxPace(tick=0.05, lease=0.3, handler=5.0, retries=(0.01, 0.02))


@pytest.fixture
async def shop(database: Database) -> Database:
    await prepare(database)
    return database


async def receive_all(database: Database, numbers: range, lanes: int = 1) -> None:
    async with database.write() as session:
        for number in numbers:
            await store(session, number, lanes)


def inbox_loop(database: Database, handler: Callable[[Batch], Awaitable[object]], pace: InboxPace = QUICK) -> InboxLoop:
    return InboxLoop(database, SystemClock(), {"test": decode}, handler, new_worker_id(), pace=pace)


async def states(database: Database) -> list[InboxState]:
    async with database.read() as session:
        return list(await session.scalars(select(InboxEvent.state).order_by(InboxEvent.id)))


def all_are(database: Database, *wanted: InboxState) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return await states(database) == list(wanted)

    return is_so


class Recorder(Handler):
    """Handles as the worker does, and remembers the batches."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.batches: list[list[int]] = []

    async def __call__(self, batch: Batch) -> None:
        self.batches.append([int(item.external_id) for item in batch.items])
        await super().__call__(batch)


@pytest.mark.db
async def test_messages_of_a_chat_that_already_wait_are_read_together_and_answered_once(shop: Database) -> None:
    await receive_all(shop, range(3))
    recorder = Recorder(shop)
    async with running(inbox_loop(shop, recorder)):
        await until(all_are(shop, *[InboxState.DONE] * 3), seconds=5)
    async with shop.read() as session:
        events = (await session.scalars(select(InboxEvent).order_by(InboxEvent.id))).all()
        answers = (await session.scalars(select(Delivery.payload))).all()
    assert recorder.batches == [[0, 1, 2]]
    assert {event.batch_id for event in events} == {events[0].id}
    assert [answer["answers"] for answer in answers] == [[0, 1, 2]]


@pytest.mark.db
async def test_at_most_twenty_are_read_together_and_the_rest_at_once_after(shop: Database) -> None:
    await receive_all(shop, range(45))
    recorder = Recorder(shop)
    async with running(inbox_loop(shop, recorder, InboxPace(tick=60))):
        await until(all_are(shop, *[InboxState.DONE] * 45), seconds=5)
    assert [len(batch) for batch in recorder.batches] == [20, 20, 5]
    assert list(chain(*recorder.batches)) == list(range(45))


@pytest.mark.db
async def test_an_event_that_always_fails_is_parked_and_its_chat_goes_on(shop: Database) -> None:
    async def handle(batch: Batch) -> None:
        if "1" in [item.external_id for item in batch.items]:
            raise RuntimeError("this one is poison")
        await Handler(shop)(batch)

    await receive_all(shop, range(3))
    async with running(inbox_loop(shop, handle)):
        await until(all_are(shop, InboxState.DONE, InboxState.PARKED, InboxState.DONE), seconds=5)
    async with shop.read() as session:
        (parked,) = await repair.list_parked(session)
    assert parked.attempt == 3
    assert parked.error == "RuntimeError: this one is poison"


@pytest.mark.db
async def test_what_cannot_be_decoded_is_parked_at_once_and_its_neighbours_are_answered(shop: Database) -> None:
    def decode_strictly(stored: StoredEvent) -> Event:
        if stored.external_id == "0":
            raise Undecodable("a field is missing")
        return decode(stored)

    await receive_all(shop, range(2))
    loop = InboxLoop(shop, SystemClock(), {"test": decode_strictly}, Handler(shop), new_worker_id(), pace=QUICK)
    async with running(loop):
        await until(all_are(shop, InboxState.PARKED, InboxState.DONE), seconds=5)
    async with shop.read() as session:
        (parked,) = await repair.list_parked(session)
    assert parked.error == "Undecodable: a field is missing"


@pytest.mark.db
async def test_a_chat_that_writes_on_while_the_commit_of_its_answer_is_slow_to_return_holds_nobody_up(
    shop: Database,
) -> None:
    heard = asyncio.Event()

    async def handle(batch: Batch) -> None:
        if batch.items[0].external_id == "2":
            heard.set()
        await Handler(shop)(batch)
        if batch.items[0].external_id == "0":  # committed, and nobody here knows
            await heard.wait()

    await receive_all(shop, range(1), lanes=2)
    async with running(inbox_loop(shop, handle)):
        await until(all_are(shop, InboxState.DONE), seconds=5)
        await receive_all(shop, range(1, 4), lanes=2)
        await until(all_are(shop, *[InboxState.DONE] * 4), seconds=5)


@pytest.mark.db
async def test_a_chat_whose_handler_is_stuck_delays_no_other(shop: Database) -> None:
    stuck = asyncio.Event()

    async def handle(batch: Batch) -> None:
        if batch.lane == "chat-0":
            await stuck.wait()
        await Handler(shop)(batch)

    await receive_all(shop, range(20), lanes=20)
    async with running(inbox_loop(shop, handle)):
        await until(all_are(shop, InboxState.WORKING, *[InboxState.DONE] * 19), seconds=10)
        await receive_all(shop, range(20, 40), lanes=20)
        await until(
            all_are(shop, InboxState.WORKING, *[InboxState.DONE] * 19, InboxState.PENDING, *[InboxState.DONE] * 19), 10
        )
        stuck.set()
        await until(all_are(shop, *[InboxState.DONE] * 40), seconds=10)


@pytest.mark.db
async def test_a_handler_that_takes_longer_than_its_lease_keeps_it(shop: Database) -> None:
    recorder = Recorder(shop)

    async def handle(batch: Batch) -> None:
        await asyncio.sleep(QUICK.lease * 3)
        await recorder(batch)

    await receive_all(shop, range(1))
    async with running(inbox_loop(shop, handle), inbox_loop(shop, handle)):
        await until(all_are(shop, InboxState.DONE), seconds=5)
    assert recorder.batches == [[0]]


@pytest.mark.db
async def test_a_worker_that_lost_its_claim_leaves_nothing_behind(shop: Database) -> None:
    """It stood still, its lease ran out, and somebody else took the event over."""
    clock = SystemClock()
    await receive_all(shop, range(1))
    now = clock.now()
    async with shop.write() as session:
        (row,) = await inbox_rows.claim_lanes(session, "slow.1", 8, now, now - timedelta(seconds=1))
        await inbox_rows.free_abandoned(session, now)
        await inbox_rows.claim_lanes(session, "quick.1", 8, now, now + timedelta(minutes=1))
    batch = Batch("test:shop", "chat-0", (_item(row.id),), claim="slow.1")
    with pytest.raises(LostClaim):
        await Handler(shop)(batch)
    async with shop.read() as session:
        assert (await session.scalars(select(Delivery))).all() == []


def _item(event_id: int) -> Item:
    now = SystemClock().now()
    stored = StoredEvent(event_id, "test:shop", "0", "chat-0", {"number": 0}, now)
    return Item(event_id, "0", decode(stored), now)


@pytest.mark.db
async def test_an_event_whose_worker_dies_each_time_is_parked_in_the_end(shop: Database) -> None:
    await receive_all(shop, range(1))
    now = SystemClock().now()
    for _ in range(inbox_rows.MAX_ABANDONED):
        async with shop.write() as session:
            await inbox_rows.claim_lanes(session, "mortal", 8, now, now - timedelta(seconds=1))
            await inbox_rows.free_abandoned(session, now)
    assert await states(shop) == [InboxState.PARKED]


@pytest.mark.db
async def test_staff_have_a_parked_event_handled_again_or_dismiss_it(shop: Database) -> None:
    await receive_all(shop, range(3), lanes=3)
    now = SystemClock().now()
    async with shop.write() as session:
        for event in await session.scalars(select(InboxEvent).order_by(InboxEvent.id).limit(2)):
            event.state, event.attempt = InboxState.PARKED, 5
    async with shop.read() as session:
        first, second = await repair.list_parked(session)
        assert [event.id for event in await repair.list_parked(session, after=first.id)] == [second.id]
    async with running(inbox_loop(shop, Handler(shop), InboxPace(tick=60))):
        await until(all_are(shop, InboxState.PARKED, InboxState.PARKED, InboxState.DONE), seconds=5)
        async with shop.write() as session:
            await repair.retry(session, first.id, now)
            await repair.dismiss(session, second.id, now)
        await until(all_are(shop, InboxState.DONE, InboxState.DISMISSED, InboxState.DONE), seconds=5)


async def test_only_parked_events_can_be_retried(shop: Database) -> None:
    await receive_all(shop, range(1))
    async with shop.write() as session:
        event_id = (await session.scalars(select(InboxEvent.id))).one()
        with pytest.raises(Conflict, match="pending, not parked"):
            await repair.retry(session, event_id, SystemClock().now())
        with pytest.raises(NotFound, match="no event 999"):
            await repair.dismiss(session, 999, SystemClock().now())
