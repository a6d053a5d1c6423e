"""A shop with a few programmes and people, for tests of follow-ups."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from conversations.admission import Admission
from conversations.leases import new_worker_id
from conversations.models import Account, Conversation, Delivery
from conversations.outbox import OutboxLoop, OutboxPace
from conversations.repository import ensure_account
from conversations.values import DeliveryState
from core.database import Database
from core.signals import OUTBOX
from customers import consents
from customers.models import ChannelIdentity, Customer, Order
from customers.values import ConsentKind, OrderStatus
from scheduler import programmes
from scheduler.carrying import carry_over
from scheduler.dispatch import dispatch_due
from scheduler.models import FollowUp
from scheduler.planner import Office, plan_ahead
from scheduler.programme_rules import PROGRAMMES
from tests.integration.follow_ups.office import make_office
from tests.integration.loops.books import until
from tests.integration.loops.running import running
from tests.support.clock import FakeClock
from tests.support.policies import POLICIES
from tests.support.push_channel import Journal, PushChannel

ACCOUNT = "test:bot"


@dataclass
class FollowUpShop:
    """`now` is when whatever is made is made."""

    database: Database
    now: datetime
    office: Office = field(default_factory=make_office)

    async def person(self, name: str, *, account: str | None = ACCOUNT, care: bool | None = True, **facts: Any) -> int:
        """A customer who can be written to and has agreed, unless told otherwise; their id."""
        long_ago = self.now - timedelta(days=400)
        async with self.database.write() as session:
            customer = Customer(**{"name": name, "created_at": long_ago, "updated_at": long_ago, **facts})
            session.add(customer)
            await session.flush()
            if account is not None:
                await self._address(session, customer.id, account, name)
            if care is not None:
                answers = {ConsentKind.CARE: care}
                await consents.record(session, customer.id, answers, source="test", now=long_ago, by_customer=False)
        return customer.id

    async def _address(self, session: Any, customer_id: int, account: str, name: str) -> None:
        if await session.get(Account, account) is None:
            session.add(Account(name=account, channel=account.partition(":")[0], data={}, created_at=self.now))
        identity = ChannelIdentity(
            account=account, external_id=name, customer_id=customer_id, last_seen_at=self.now, created_at=self.now
        )
        session.add(identity)
        await session.flush()
        session.add(
            Conversation(
                account=account,
                identity_id=identity.id,
                customer_id=customer_id,
                last_at=self.now - timedelta(days=10),
                created_at=self.now,
            )
        )

    async def order(self, number: str, customer_id: int, status: OrderStatus, **facts: Any) -> int:
        async with self.database.write() as session:
            made = {"external_id": number, "customer_id": customer_id, "status": status, "product": "龙井"}
            order = Order(**{**made, "created_at": self.now, "updated_at": self.now, **facts})
            session.add(order)
        return order.id

    async def enable(self, *names: str, since: datetime | None = None) -> None:
        async with self.database.write() as session:
            for name in names:
                await programmes.enable(session, self.office, name, by="test", now=since or self.now)

    async def publish(self, text: str) -> None:
        """Other programmes."""
        async with self.database.write() as session:
            base = (await self.office.programmes(session)).number
            await self.office.rulebook.publish(
                session, PROGRAMMES, text, base=base, author="test", note=None, now=self.now
            )

    async def follow_ups(self) -> list[FollowUp]:
        async with self.database.read() as session:
            return list(await session.scalars(select(FollowUp).order_by(FollowUp.due_at, FollowUp.id)))


QUICK = OutboxPace(tick=0.05, call=5, lease=8, account_lease=3)


@dataclass
class Sending:
    """The jobs and an outbox, on a clock that a test moves."""

    shop: FollowUpShop
    clock: FakeClock
    journal: Journal
    loop: OutboxLoop

    async def tick(self) -> None:
        """Everything that is due at this moment happens: planned, dispatched, sent or not, carried over."""
        database, now = self.shop.database, self.clock.now()
        await plan_ahead(database, self.shop.office, now)
        await dispatch_due(database, self.shop.office, now)
        await self.settle()
        await carry_over(database)

    async def settle(self) -> None:
        """Waits until the outbox has nothing to do at this moment: what was put off holds up its lane."""
        head = aliased(Delivery)

        async def is_idle() -> bool:
            now = self.clock.now()
            held_up = select(head.lane).where(head.state == DeliveryState.PENDING, head.retry_at > now)
            ready = (Delivery.due_at <= now) & Delivery.lane.not_in(held_up)
            busy = (Delivery.state == DeliveryState.SENDING) | ((Delivery.state == DeliveryState.PENDING) & ready)
            async with self.shop.database.read() as session:
                return await session.scalar(select(Delivery.id).where(busy).limit(1)) is None

        async with self.shop.database.write() as session:
            session.signal(OUTBOX)
        await until(is_idle, seconds=120)

    async def at(self, *walls: str) -> None:
        """Moves the clock to times of day in Hangzhou, and at each lets happen what is due."""
        for wall in walls:
            goal = datetime.fromisoformat(f"2026-{wall.replace(' ', 'T')}").replace(tzinfo=self.shop.office.zone)
            self.clock.advance((goal - self.clock.now()).total_seconds())
            await self.tick()

    def said(self) -> list[tuple[str, str]]:
        """Who got what on the push channel."""
        return [(call.lane, call.payload["text"]) for call in self.journal.arrived()]


@asynccontextmanager
async def sending(shop: FollowUpShop, clock: FakeClock, folder: Path) -> AsyncIterator[Sending]:
    journal = Journal(folder / "journal")
    admission = Admission(shop.office.rulebook, shop.office.zone, policies=POLICIES)
    channel = PushChannel(journal, clock)
    async with shop.database.write() as session:
        await ensure_account(session, ACCOUNT, "test", clock.now())
    loop = OutboxLoop(shop.database, clock, {ACCOUNT: channel}, new_worker_id(), pace=QUICK, admission=admission)
    async with running(loop):
        yield Sending(shop, clock, journal, loop)
