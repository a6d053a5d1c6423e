"""A complaint becomes a ticket with a number and a time; more words join it."""

import asyncio

import pytest
from sqlalchemy import func, select

from customers.models import Customer
from customers.values import Tier
from tests.integration.tickets.shop import BROKEN, TicketShop
from tests.unit.tickets.shipped import SHANGHAI
from tickets import desk, repository, service
from tickets.models import Ticket, TicketEvent
from tickets.service import Complaint, TooManyTickets
from tickets.values import Severity, TicketKind, TicketStatus

pytestmark = pytest.mark.db


async def test_a_complaint_gets_a_number_that_can_be_said_on_the_phone(shop: TicketShop) -> None:
    customer = await shop.customer()
    async with shop.work() as work:
        opened = await service.open_complaint(work, Complaint(customer_id=customer.id, text=BROKEN))
    assert 1001 <= opened.number <= 999_999
    assert opened.answer_by is not None
    assert f"{opened.answer_by.astimezone(SHANGHAI):%a %H:%M}" == "Mon 11:00"
    ticket = await shop.ticket(opened.number)
    assert (ticket.kind, ticket.status, ticket.category) == (TicketKind.COMPLAINT, TicketStatus.NEW, "damaged")
    assert (ticket.severity, ticket.subject) == (Severity.NORMAL, BROKEN)
    assert await shop.due(ticket) == {"first_response": "03-02 11:00", "resolution": "03-03 10:00"}


async def test_the_opening_says_why_it_is_rated_so(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    (opened,) = await shop.events(ticket)
    assert opened.rule == "tickets@0/complaint"
    assert [reason["en"] for reason in opened.reasons] == ["a complaint"]
    assert opened.data["facts"]["category"] == "damaged"


async def test_a_second_message_about_the_matter_joins_the_open_ticket(shop: TicketShop) -> None:
    customer = await shop.customer()
    first = await shop.complain(customer)
    second = await shop.complain(customer, "已经第二次了，太过分")
    assert second.id == first.id
    assert second.severity is Severity.HIGH
    assert await shop.event_types(first) == ["opened", "said", "scored"]


async def test_another_order_is_another_matter(shop: TicketShop) -> None:
    customer = await shop.customer()
    await shop.order("A-1", customer)
    await shop.order("A-2", customer)
    first = await shop.complain(customer, order="A-1")
    assert (await shop.complain(customer, order="A-2")).id != first.id
    assert (await shop.complain(customer, order="A-1")).id == first.id


@pytest.mark.parametrize(
    ("text", "kind"), [("提个建议，出个小包装", TicketKind.SUGGESTION), ("great service", TicketKind.PRAISE)]
)
async def test_suggestions_and_praise_are_kept_without_a_clock(shop: TicketShop, text: str, kind: TicketKind) -> None:
    ticket = await shop.complain(await shop.customer(), text)
    assert ticket.kind is kind
    assert await shop.due(ticket) == {}


async def test_a_visitor_may_name_an_order_and_the_rules_do_not_see_it(shop: TicketShop) -> None:
    await shop.order("A-1", await shop.customer(), amount_minor=999_900)
    visitor = await shop.visitor()
    async with shop.work() as work:
        said = Complaint(customer_id=visitor.customer_id, identity_id=visitor.id, text=BROKEN, order="A-1")
        ticket = (await service.open_complaint(work, said)).ticket
    assert (ticket.order_id is not None, ticket.order_verified, ticket.severity) == (True, False, Severity.NORMAL)
    (opened,) = await shop.events(ticket)
    assert opened.data["facts"]["order_value_minor"] is None


async def test_a_good_customer_and_a_dear_order_weigh(shop: TicketShop) -> None:
    customer = await shop.customer()
    await shop.order("A-1", customer, amount_minor=150_000)
    assert (await shop.complain(customer, order="A-1")).severity is Severity.HIGH
    other = await shop.customer("C-2")
    async with shop.database.write() as session:
        (await session.get_one(Customer, other.id)).tier = Tier.GOLD
    gold = await shop.complain(other)
    assert (await shop.due(gold))["first_response"] == "03-02 10:30"


async def test_whoever_complains_often_is_shown_to_a_supervisor_and_rated_no_lower(shop: TicketShop) -> None:
    customer = await shop.customer()
    *_, ticket = [await shop.complain(customer, f"{BROKEN} {number}", separate=True) for number in range(5)]
    assert "flagged" in await shop.event_types(ticket)
    assert ticket.severity is Severity.HIGH


async def test_open_tickets_of_one_customer_are_bounded(shop: TicketShop) -> None:
    customer = await shop.customer()
    for number in range(6):
        await shop.order(f"A-{number}", customer)
    for number in range(5):
        await shop.complain(customer, order=f"A-{number}")
    with pytest.raises(TooManyTickets):
        await shop.complain(customer, order="A-5")
    # staff may open more
    assert (await shop.complain(customer, separate=True)).number


@pytest.mark.parametrize("copies", [100, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_copies_of_a_complaint_at_once_make_one_ticket(shop: TicketShop, copies: int) -> None:
    """The doors count a message once; should copies come through all the same, there is one ticket and one word."""
    customer = await shop.customer()
    said = Complaint(customer_id=customer.id, text=BROKEN, dedupe_key="web:m-1")

    async def once() -> int:
        async with shop.work() as work:
            return (await service.open_complaint(work, said)).number

    assert len(set(await asyncio.gather(*(once() for _ in range(copies))))) == 1
    async with shop.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 1
        assert await session.scalar(select(func.count()).select_from(TicketEvent)) == 1


async def test_words_after_an_answer_start_the_promise_of_the_next_one(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    agent = await shop.person("li")
    shop.clock.advance(minutes=10)
    async with shop.work(agent.name) as work:
        await desk.replied(work, await repository.lock_ticket(work.session, ticket.number), "马上补发")
    assert list(await shop.due(ticket)) == ["resolution"]
    shop.clock.advance(hours=1)
    async with shop.work() as work:
        await service.add(work, await repository.lock_ticket(work.session, ticket.number), "什么时候到？")
    assert (await shop.due(ticket))["next_response"] == "03-02 13:10"


async def test_more_words_while_waiting_do_not_push_the_promise_away(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    shop.clock.advance(minutes=30)
    async with shop.work() as work:
        await service.add(work, await repository.lock_ticket(work.session, ticket.number), "在吗")
    assert (await shop.due(ticket))["first_response"] == "03-02 11:00"
