"""Before a promise breaks the customer hears a new time, and a name."""

import pytest

from tests.integration.tickets.shop import TicketShop
from tests.unit.tickets.shipped import SHANGHAI
from tickets import desk, lateness, repository, sweep

pytestmark = pytest.mark.db


async def test_a_new_time_is_told_once_before_the_promise_breaks(shop: TicketShop) -> None:
    ticket, li = await shop.complain(await shop.customer()), await shop.person("li")
    async with shop.work("li") as work:
        await desk.take(work, ticket.number, li)
        assert await lateness.find_late(work.session, work.now, 10) == []
    shop.clock.advance(minutes=50)
    async with shop.work("clock") as work:
        await sweep.note_promises(work, await sweep.find_due(work.session, work.now, 10))
        assert await lateness.find_late(work.session, work.now, 10) == [ticket.id]
        late = await lateness.promise_anew(work, await repository.lock_ticket(work.session, ticket.number))
        assert late is not None
        told = [f"{at.astimezone(SHANGHAI):%H:%M}" for at in (late.promised_at, late.new_at)]
        assert (told, late.name) == (["11:00", "12:00"], "li")
        assert await lateness.promise_anew(work, late.ticket) is None


async def test_whoever_was_answered_in_time_hears_nothing_of_it(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    shop.clock.advance(minutes=50)
    async with shop.work("clock") as work:
        await sweep.note_promises(work, await sweep.find_due(work.session, work.now, 10))
        await desk.replied(work, await repository.lock_ticket(work.session, ticket.number), "您好")
        assert await lateness.find_late(work.session, work.now, 10) == []
        assert await lateness.promise_anew(work, await repository.lock_ticket(work.session, ticket.number)) is None
