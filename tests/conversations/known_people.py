"""What scripts set and see of the customer's file: orders, codes, who is recognised, consents, requests."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from conversations import repository
from core.clock import Clock
from core.database import Database, ReadSession
from customers import codes, consents, orders, service
from customers.models import ChannelIdentity, Customer
from customers.profile import ProfileChanges
from customers.task_models import Task
from customers.values import OrderStatus, Origin
from tests.support.doors import Door

_SHOP = service.Writer("script", Origin.AGENT)
_READ: Mapping[str, Callable[[str], Any]] = {"status": OrderStatus, "amount_minor": int}
_DAYS = {"placed": "placed_at", "expected": "expected_at", "delivered": "delivered_at"}


class KnownPeople:
    """`code`: the one that was made last; `{code}` in a customer's line stands for it."""

    def __init__(self, database: Database, clock: Clock, door: Door) -> None:
        self._database = database
        self._clock = clock
        self._door = door
        self.code = ""

    async def buy(self, words: str) -> None:
        """`NUMBER PHONE status=shipped carrier=SF placed=-3 expected=2`: days from now."""
        number, phone, *pairs = words.split()
        facts: dict[str, Any] = {}
        for name, _, value in (pair.partition("=") for pair in pairs):
            if name in _DAYS:
                facts[_DAYS[name]] = self._clock.now() + timedelta(days=int(value))
            else:
                facts[name] = _READ.get(name, str)(value)
        async with self._database.write() as session:
            customer = await self._person(session, phone)
            buyer = orders.Buyer(customer_id=customer.id)
            await orders.save_order(session, number, buyer, facts, _SHOP, self._clock.now())

    async def recognise(self, phone: str) -> None:
        """Whoever writes is from now on the customer with this number."""
        async with self._database.write() as session:
            identity = await self._identity(session)
            assert await codes.recognise_phone(session, identity, phone, self._clock.now()) is not None

    async def invite(self, words: str) -> None:
        """`PHONE [ORDER]`: a code for the customer, about the order."""
        phone, _, number = words.partition(" ")
        async with self._database.write() as session:
            customer, order = await self._person(session, phone), await orders.find_order(session, number)
            now, order_id = self._clock.now(), order.id if order else None
            self.code = (await codes.invite(session, customer.id, by="script", now=now, order_id=order_id)).code

    async def allow(self, words: str) -> None:
        """Kinds of message that the customer has allowed; `nothing`: none."""
        async with self._database.read() as session:
            customer_id = (await self._identity(session)).customer_id
            standing = await consents.current(session, customer_id)
        assert (" ".join(kind for kind, one in standing.items() if one.given) or "nothing") == words

    async def has_task(self, words: str) -> None:
        async with self._database.read() as session:
            customer_id = (await self._identity(session)).customer_id
            found = await session.scalars(select(Task.subject).where(Task.customer_id == customer_id))
            assert " ".join(found) == words

    async def has_on_file(self, words: str) -> None:
        """`birthday=08-15 birthday_calendar=lunar` of the customer who writes."""
        async with self._database.read() as session:
            customer = await service.get_customer(session, (await self._identity(session)).customer_id)
        for name, _, value in (pair.partition("=") for pair in words.split()):
            assert str(getattr(customer, name)) == value, f"{name} is {getattr(customer, name)}"

    async def _person(self, session: Any, phone: str) -> Customer:
        known = await service.list_by_contact(session, phone=phone)
        if known:
            return known[0]
        return (await service.create_customer(session, ProfileChanges(phone=phone), _SHOP, self._clock.now()))[0]

    async def _identity(self, session: ReadSession) -> ChannelIdentity:
        thread = await repository.find_thread(session, self._door.account, self._door.visitor)
        assert thread is not None, "nobody has written yet"
        return thread.identity
