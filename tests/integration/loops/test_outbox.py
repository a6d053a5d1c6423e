"""What happens to deliveries, whatever the channel does."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from conversations import repair
from conversations.deliveries import DeliveryDraft, Outcome, SendJob
from conversations.leases import acquire, new_worker_id
from conversations.models import Account, Conversation, Delivery
from conversations.outbox import OutboxLoop, OutboxPace, enqueue, sending_lease
from conversations.values import DeliveryKind, DeliveryState, Owner
from core.clock import SystemClock
from core.database import Database
from core.errors import Conflict, NotFound
from customers.models import ChannelIdentity, Customer
from tests.integration.loops.books import until
from tests.integration.loops.running import running
from tests.integration.loops.worker import ACCOUNT, prepare, reply
from tests.support.push_channel import Fault, Journal, PushChannel, random_faults

QUICK = OutboxPace(tick=0.05, call=0.2, lease=0.9, account_lease=0.3)
PENDING, SENT, FAILED, UNKNOWN, SKIPPED = (
    DeliveryState.PENDING,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.SKIPPED,
)


@pytest.fixture
async def shop(database: Database) -> Database:
    await prepare(database)
    return database


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def loop_for(
    database: Database, journal: Journal, faults: Iterable[Fault | None] = (), pace: OutboxPace = QUICK
) -> OutboxLoop:
    channel = PushChannel(journal, SystemClock(), faults)
    return OutboxLoop(database, SystemClock(), {ACCOUNT: channel}, new_worker_id(), pace=pace)


async def put(database: Database, *drafts: DeliveryDraft) -> None:
    async with database.write() as session:
        await enqueue(session, *drafts)


def draft(number: int, lane: str = "chat", kind: DeliveryKind = DeliveryKind.REPLY) -> DeliveryDraft:
    return reply(lane, [number], f"key-{number}", kind)


async def deliveries(database: Database) -> list[Delivery]:
    async with database.read() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))


async def until_states(database: Database, *wanted: DeliveryState) -> list[Delivery]:
    async def is_so() -> bool:
        return [delivery.state for delivery in await deliveries(database)] == list(wanted)

    try:
        await until(is_so, seconds=5)
    except TimeoutError:
        assert [delivery.state for delivery in await deliveries(database)] == list(wanted)
    return await deliveries(database)


def numbers(journal: Journal) -> list[int]:
    return [call.payload["answers"][0] for call in journal.arrived()]


@pytest.mark.db
async def test_a_reason_to_send_counts_once(shop: Database, journal: Journal) -> None:
    await put(shop, draft(1))
    await put(shop, draft(1), draft(2))
    async with running(loop_for(shop, journal)):
        rows = await until_states(shop, SENT, SENT)
    assert numbers(journal) == [1, 2]
    assert [row.external_id for row in rows] == [f"push-{row.id}" for row in rows]


#: What the channel did, kind of delivery, how it ends, whether marked as resent, how often it arrived, tries counted.
CASES = [
    # A 429 burns no attempt.
    ([Fault.TOO_MANY], DeliveryKind.REPLY, SENT, False, 1, 1),
    # Blocked by the customer: nothing helps.
    ([Fault.BLOCKED], DeliveryKind.REPLY, FAILED, False, 0, 1),
    # Never written: tried again, whatever the kind.
    ([Fault.REFUSED], DeliveryKind.FOLLOW_UP, SENT, False, 1, 2),
    ([Fault.TIMEOUT_BEFORE], DeliveryKind.AGENT_REPLY, SENT, False, 1, 2),
    # Perhaps written: a bot's reply goes once more, and is listed as such ...
    ([Fault.TIMEOUT_AFTER], DeliveryKind.REPLY, SENT, True, 2, 2),
    ([Fault.RESET_BEFORE], DeliveryKind.REPLY, SENT, True, 1, 2),
    ([Fault.SILENCE], DeliveryKind.REPLY, SENT, True, 2, 2),
    # ... but not twice more ...
    ([Fault.RESET_AFTER, Fault.RESET_AFTER], DeliveryKind.REPLY, UNKNOWN, True, 2, 2),
    # ... and nothing else is sent again by itself.
    ([Fault.TIMEOUT_AFTER], DeliveryKind.AGENT_REPLY, UNKNOWN, False, 1, 1),
    ([Fault.RESET_BEFORE], DeliveryKind.FOLLOW_UP, UNKNOWN, False, 0, 1),
    ([Fault.SILENCE], DeliveryKind.SERVICE, UNKNOWN, False, 1, 1),
]


@pytest.mark.parametrize(("faults", "kind", "state", "resent", "arrived", "attempt"), CASES)
async def test_each_fault_of_a_channel_ends_as_its_kind_of_delivery_demands(
    shop: Database,
    journal: Journal,
    faults: list[Fault],
    kind: DeliveryKind,
    state: DeliveryState,
    resent: bool,
    arrived: int,
    attempt: int,
) -> None:
    await put(shop, draft(1, kind=kind))
    async with running(loop_for(shop, journal, faults)):
        (row,) = await until_states(shop, state)
    assert (row.resent, len(journal.arrived()), row.attempt) == (resent, arrived, attempt)


@pytest.mark.db
async def test_nothing_is_called_during_a_pause_that_the_channel_asked_for(shop: Database, journal: Journal) -> None:
    await put(shop, *(draft(number, lane=f"chat-{number % 10}") for number in range(40)))
    faults = random_faults(1, 0.1, [Fault.TOO_MANY])
    async with running(loop_for(shop, journal, faults)):
        await until_states(shop, *[SENT] * 40)
    calls = journal.calls()
    assert not [call for call in calls if call.too_early]
    assert [call for call in calls if call.fault is Fault.TOO_MANY]
    assert sorted(numbers(journal)) == list(range(40))


@pytest.mark.db
async def test_a_chat_keeps_its_order_through_refused_connections_and_pauses(shop: Database, journal: Journal) -> None:
    await put(shop, *(draft(number) for number in range(5)))
    faults = [None, Fault.TOO_MANY, None, Fault.REFUSED]
    async with running(loop_for(shop, journal, faults)):
        await until_states(shop, *[SENT] * 5)
    assert numbers(journal) == [0, 1, 2, 3, 4]


@pytest.mark.db
async def test_held_sending_starts_again_with_the_release(shop: Database, journal: Journal) -> None:
    now = SystemClock().now()
    async with shop.write() as session:
        await repair.hold(session, "restore", now)
        assert (await repair.hold(session, "again", now)).held_by == "restore"
    await put(shop, draft(1))
    async with running(loop_for(shop, journal)):
        await asyncio.sleep(QUICK.tick * 4)
        assert journal.calls() == []
        async with shop.write() as session:
            assert await repair.release(session)
        await until_states(shop, SENT)
    async with shop.write() as session:
        assert not await repair.release(session)


async def _conversation(database: Database) -> int:
    now = SystemClock().now()
    async with database.write() as session:
        customer = Customer(created_at=now, updated_at=now)
        session.add(customer)
        await session.flush()
        identity = ChannelIdentity(customer_id=customer.id, account=ACCOUNT, external_id="chat", created_at=now)
        session.add(identity)
        await session.flush()
        conversation = Conversation(
            account=ACCOUNT, identity_id=identity.id, customer_id=customer.id, last_at=now, created_at=now
        )
        session.add(conversation)
        await session.flush()
        return conversation.id


@pytest.mark.db
async def test_a_bots_reply_is_dropped_when_a_person_has_taken_over_since_it_was_written(
    shop: Database, journal: Journal
) -> None:
    conversation = await _conversation(shop)
    before = replace(draft(1), conversation_id=conversation, owner_epoch=0)
    of_the_agent = replace(draft(2, kind=DeliveryKind.AGENT_REPLY), conversation_id=conversation)
    last_word = replace(draft(3), conversation_id=conversation, owner_epoch=1)
    async with shop.write() as session:
        await session.execute(update(Conversation).values(owner=Owner.TAKEN, owner_epoch=1))
        await enqueue(session, before, of_the_agent, last_word)
    async with running(loop_for(shop, journal)):
        rows = await until_states(shop, SKIPPED, SENT, SENT)
    assert rows[0].because == "with_person"
    assert numbers(journal) == [2, 3]


@pytest.mark.db
async def test_who_blocks_the_shop_counts_as_unreachable(shop: Database, journal: Journal) -> None:
    conversation = await _conversation(shop)
    await put(shop, replace(draft(1), conversation_id=conversation))
    async with running(loop_for(shop, journal, [Fault.BLOCKED])):
        await until_states(shop, FAILED)
    async with shop.read() as session:
        identity = (await session.scalars(select(ChannelIdentity))).one()
    assert (identity.reachable, identity.unreachable_because) == (False, "blocked")


@pytest.mark.db
async def test_deliveries_leave_when_due_and_not_when_expired(shop: Database, journal: Journal) -> None:
    now = SystemClock().now()
    late = replace(draft(1), expires_at=now - timedelta(seconds=1))
    tomorrow = replace(draft(2), due_at=now + timedelta(days=1))
    soon = replace(draft(3), due_at=now + timedelta(seconds=2))
    await put(shop, late, tomorrow, soon, draft(4))
    async with running(loop_for(shop, journal)):
        rows = await until_states(shop, SKIPPED, PENDING, SENT, SENT)
    assert rows[0].because == "expired"
    assert numbers(journal) == [4, 3]


@pytest.mark.db
async def test_replies_go_before_broadcasts(shop: Database, journal: Journal) -> None:
    broadcast = [draft(number, f"chat-{number}", DeliveryKind.FOLLOW_UP) for number in range(30)]
    await put(shop, *(replace(one, priority=5) for one in broadcast))
    await put(shop, draft(100, "chat-100"))
    async with running(loop_for(shop, journal, pace=OutboxPace(tick=0.05))):
        await until_states(shop, *[SENT] * 31)
    assert numbers(journal)[0] == 100


@pytest.mark.db
async def test_only_the_process_with_the_sending_lease_sends(shop: Database, journal: Journal) -> None:
    now = SystemClock().now()
    async with shop.write() as session:
        assert await acquire(session, sending_lease(ACCOUNT), "another", now, seconds=1)
    await put(shop, draft(1))
    async with running(loop_for(shop, journal)):
        await asyncio.sleep(0.5)
        assert journal.calls() == []
        await until_states(shop, SENT)


@pytest.mark.db
async def test_a_stopped_loop_answers_for_its_calls_and_gives_the_lease_back(shop: Database, journal: Journal) -> None:
    began = asyncio.Event()

    class Slow(PushChannel):
        async def send(self, job: SendJob) -> Outcome:
            began.set()
            await asyncio.sleep(0.1)
            return await super().send(job)

    slow = Slow(journal, SystemClock())
    loop = OutboxLoop(shop, SystemClock(), {ACCOUNT: slow}, new_worker_id(), pace=OutboxPace(tick=60))
    await put(shop, draft(1), draft(2))
    async with running(loop):
        await began.wait()
    assert [row.state for row in await deliveries(shop)] == [SENT, PENDING]
    async with shop.write() as session:
        assert await acquire(session, sending_lease(ACCOUNT), "next", SystemClock().now())


@pytest.mark.db
async def test_staff_send_again_or_dismiss_what_went_wrong(shop: Database, journal: Journal) -> None:
    await put(shop, *(draft(number, f"chat-{number}", DeliveryKind.AGENT_REPLY) for number in range(3)))
    async with running(loop_for(shop, journal, [Fault.RESET_AFTER, Fault.BLOCKED, Fault.RESET_AFTER])):
        first, second, third = await until_states(shop, UNKNOWN, FAILED, UNKNOWN)
        async with shop.read() as session:
            listed = await repair.list_deliveries(session)
            failed = await repair.list_deliveries(session, [FAILED], after=first.id)
        assert [row.id for row in listed] == [first.id, second.id, third.id]
        assert [row.id for row in failed] == [second.id]
        async with shop.write() as session:
            await repair.resend(session, first.id, SystemClock().now())
            await repair.resend(session, second.id, SystemClock().now())
            await repair.dismiss_delivery(session, third.id)
        first, second, third = await until_states(shop, SENT, SENT, SKIPPED)
    assert (first.resent, second.resent, third.because) == (True, False, "dismissed")


async def test_only_failed_and_unknown_deliveries_can_be_sent_again(shop: Database) -> None:
    await put(shop, draft(1))
    async with shop.write() as session:
        (row,) = await repair.list_deliveries(session, states=())
        with pytest.raises(Conflict, match="pending, neither failed nor unknown"):
            await repair.resend(session, row.id, SystemClock().now())
        with pytest.raises(NotFound, match="no delivery 999"):
            await repair.dismiss_delivery(session, 999)


@pytest.mark.db
async def test_a_pause_is_stored_and_holds_for_the_next_process(shop: Database, journal: Journal) -> None:
    async with shop.write() as session:
        account = await session.get_one(Account, ACCOUNT)
        account.paused_until = SystemClock().now() + timedelta(seconds=0.5)
    await put(shop, draft(1))
    async with running(loop_for(shop, journal)):
        await asyncio.sleep(0.2)
        assert journal.calls() == []
        await until_states(shop, SENT)
