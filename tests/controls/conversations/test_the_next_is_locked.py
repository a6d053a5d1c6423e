"""Who looks for the next case and takes it later shares it with others: the race of the pickers sees it."""

import asyncio

from sqlalchemy import update

from conversations.desk import holding
from staff.values import Actor
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.test_pickers import fill_queue, owners
from tickets import queue
from tickets.models import Ticket
from tickets.values import TicketStatus


async def pick(shop: Shop, picker: Actor) -> None:
    """Reads the queue, and only then writes that the first of it is theirs."""
    async with shop.database.read() as session:
        first = (await queue.list_unassigned(session, shop.clock.now(), 1))[0].ticket
    async with shop.work(picker) as work:
        unseen = update(Ticket).where(Ticket.id == first.id)
        await work.session.execute(unseen.values(assignee_id=None, status=TicketStatus.NEW))
        await holding.take(work, picker, first.number)


async def test_careless_two_people_take_one_case(shop: Shop) -> None:
    await fill_queue(shop, 10)
    people = [await shop.hire(f"picker {n}") for n in range(8)]
    await asyncio.gather(*(pick(shop, one) for one in people))
    _have, taken = await owners(shop.database)
    assert max(taken.values()) > 1
