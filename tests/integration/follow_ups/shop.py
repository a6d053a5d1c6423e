"""A shop with a few programmes and people, for tests of follow-ups."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conversations.contact_rules import CONTACT
from conversations.models import Account, Conversation
from core.database import Database
from core.rulebook import Rulebook
from customers import consents
from customers.models import ChannelIdentity, Customer, Order
from customers.values import ConsentKind, OrderStatus
from scheduler import programmes
from scheduler.models import FollowUp
from scheduler.planner import Office
from scheduler.programme_rules import PROGRAMMES

ACCOUNT = "test:bot"


def make_office() -> Office:
    """With a rulebook of its own: published versions of one test are not those of another."""
    return Office(Rulebook([CONTACT, PROGRAMMES]), ZoneInfo("Asia/Shanghai"))


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
