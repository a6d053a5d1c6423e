"""Many people who take the next case at the same time: each case gets one owner, whoever comes."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import insert, select

from conversations.desk import holding
from core.database import Database
from customers.profile import ProfileChanges
from customers.service import Writer, create_customer
from customers.values import Origin
from staff.values import Actor
from tests.integration.conversations.conftest import Shop
from tickets.models import Ticket, TicketEvent
from tickets.service import Complaint, open_complaint
from tickets.values import EventType, Severity, Source, TicketKind, TicketStatus

pytestmark = pytest.mark.db


async def fill_queue(shop: Shop, cases: int) -> None:
    """So many questions of one customer that nobody has."""
    agent = await shop.hire("opener")
    async with shop.work(agent) as work:
        changes = ProfileChanges(name="李")
        customer, _ = await create_customer(work.session, changes, Writer("test", Origin.AGENT), work.now)
        first = await open_complaint(work, Complaint(customer_id=customer.id, text="?", kind=TicketKind.QUESTION))
        assert first.number == 1001
        row = {
            "kind": TicketKind.QUESTION, "status": TicketStatus.NEW, "severity": Severity.NORMAL, "priority": 3,
            "subject": "?", "customer_id": customer.id, "source": Source.PHONE, "tags": [], "words": [],
            "passed_over": [], "opened_at": work.now, "status_at": work.now, "spoke_at": work.now,
            "updated_at": work.now, "version": 1,
        }  # fmt: skip
        await work.session.execute(insert(Ticket), [dict(row) for _ in range(cases - 1)])


async def pick_all(shop: Shop, picker: Actor) -> list[int]:
    taken: list[int] = []
    while True:
        async with shop.work(picker) as work:
            case = await holding.take_next(work, picker)
            number = case.ticket.number if case else None
        if number is None:
            return taken
        taken.append(number)


async def owners(database: Database) -> tuple[set[int | None], Counter[int]]:
    """Who has the cases, and how often each was taken."""
    async with database.read() as session:
        have = set(await session.scalars(select(Ticket.assignee_id)))
        taken = select(TicketEvent.ticket_id).where(TicketEvent.type == EventType.TAKEN)
        return have, Counter(await session.scalars(taken))


async def race(shop: Shop, pickers: int, cases: int) -> None:
    await fill_queue(shop, cases)
    people = [await shop.hire(f"picker {n}") for n in range(pickers)]
    picked = await asyncio.gather(*(pick_all(shop, one) for one in people))
    numbers = [number for taken in picked for number in taken]
    assert (len(numbers), len(set(numbers))) == (cases, cases)
    have, taken = await owners(shop.database)
    assert None not in have
    assert set(taken.values()) == {1}


async def test_sixty_four_pickers_share_two_hundred_cases(shop: Shop) -> None:
    await race(shop, 64, 200)


@pytest.mark.soak
async def test_sixty_four_pickers_share_a_thousand_cases(shop: Shop) -> None:
    await race(shop, 64, 1000)
