"""A small shop for the tests of this room: its people, its customers, its rules, one step at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from core.database import Database
from core.secretbox import SecretBox
from customers import orders
from customers.identities import Newcomer, ensure_identity
from customers.models import ChannelIdentity, Customer, Order
from customers.orders import Buyer
from customers.profile import ProfileChanges
from customers.service import Writer, create_customer
from customers.values import Origin
from staff import service as staff_service
from staff.values import Actor, Role
from tests.support.clock import FakeClock
from tests.unit.tickets.shipped import SHANGHAI
from tickets import repository, service
from tickets.models import Ticket, TicketEvent
from tickets.policy import Policies, Work
from tickets.service import Complaint
from tickets.timeline import CUSTOMER, list_events

SECRET = "a secret for tests, of forty characters."
BROKEN = "茶罐破了，茶叶都洒了"
_FILE = Writer("file", Origin.IMPORT)


@dataclass
class TicketShop:
    """Each `work` block is one transaction by `actor` at the clock's now."""

    database: Database
    clock: FakeClock
    policies: Policies = field(default_factory=lambda: Policies(SHANGHAI, SecretBox(SECRET)))

    @asynccontextmanager
    async def work(self, actor: str = CUSTOMER) -> AsyncIterator[Work]:
        async with self.database.write() as session:
            yield await self.policies.work(session, self.clock.now(), actor)

    async def person(self, name: str, role: Role = Role.AGENT) -> Actor:
        async with self.database.write() as session:
            agent, _ = await staff_service.add_agent(session, name, role, by="test", now=self.clock.now())
        return staff_service.as_actor(agent)

    async def customer(self, external_id: str = "C-1", **fields: Any) -> Customer:
        """A customer whom the shop knows by number."""
        changes = ProfileChanges.model_validate({"external_id": external_id, **fields})
        async with self.database.write() as session:
            return (await create_customer(session, changes, _FILE, self.clock.now()))[0]

    async def visitor(self, address: str = "browser-1") -> ChannelIdentity:
        """Somebody on the web page who has proven nothing."""
        async with self.database.write() as session:
            return await ensure_identity(session, Newcomer(account="web", external_id=address), self.clock.now())

    async def order(self, number: str, customer: Customer, amount_minor: int = 12_400, currency: str = "CNY") -> Order:
        facts = {"amount_minor": amount_minor, "currency": currency, "region": "CN-ZJ"}
        async with self.database.write() as session:
            buyer = Buyer(customer_id=customer.id)
            return (await orders.save_order(session, number, buyer, facts, _FILE, self.clock.now()))[0]

    async def complain(self, customer: Customer, text: str = BROKEN, **more: Any) -> Ticket:
        async with self.work() as work:
            return (await service.open_complaint(work, Complaint(customer_id=customer.id, text=text, **more))).ticket

    async def ticket(self, number: int) -> Ticket:
        async with self.database.read() as session:
            return await repository.get_ticket(session, number)

    async def events(self, ticket: Ticket) -> list[TicketEvent]:
        async with self.database.read() as session:
            return await list_events(session, ticket.id, limit=500)

    async def event_types(self, ticket: Ticket) -> list[str]:
        return [event.type.value for event in await self.events(ticket)]

    async def due(self, ticket: Ticket) -> dict[str, str]:
        """Each promise that runs, as the shop's wall time: `{"first_response": "03-02 11:00"}`."""
        async with self.database.read() as session:
            rows = (await repository.list_clocks(session, [ticket.id]))[ticket.id]
        running = {target.value: row.due_at for target, row in rows.items() if row.since and row.due_at}
        return {target: f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" for target, at in running.items()}
