"""Rules are tried out on what happened, hours on what is open, before they hold."""

import pytest
from sqlalchemy import func, select

from tests.integration.tickets.shop import TicketShop
from tests.unit.tickets.shipped import CALENDAR_RULES, RULES, SHANGHAI
from tickets import backtest, simulator
from tickets.calendars import CALENDARS
from tickets.models import TicketEvent
from tickets.rules import TICKETS

pytestmark = pytest.mark.db


async def replayed(shop: TicketShop, text: str, days: int = 30) -> tuple[int, set[tuple[int, str, str, str]]]:
    async with shop.database.read() as session:
        found = await backtest.replay(session, RULES, TICKETS.parse(text), "CNY", shop.clock.now(), days)
    return found.examined, {(one.ticket, one.what, one.before, one.after) for one in found.changes}


async def test_a_backtest_names_what_would_be_otherwise(shop: TicketShop) -> None:
    customer = await shop.customer()
    await shop.order("A-1", customer)
    broken = await shop.complain(customer, order="A-1")
    late = await shop.complain(await shop.customer("C-2"), "包裹好几天了还没到")
    assert await replayed(shop, TICKETS.shipped) == (2, set())
    promise = 'id = "everybody"\nwhen = {}\nfirst_response = { within = "1h" }'
    other = TICKETS.shipped.replace("percent = 10,", "percent = 5,").replace(promise, promise.replace("1h", "2h"))
    examined, changes = await replayed(shop, other)
    assert examined == 2
    assert changes == {
        (broken.number, "voucher", "12.40 CNY (automatic)", "6.20 CNY (automatic)"),
        (broken.number, "first_response", "1 h (open)", "2 h (open)"),
        (late.number, "first_response", "1 h (open)", "2 h (open)"),
    }


async def test_a_backtest_looks_back_as_far_as_it_is_told_and_changes_nothing(shop: TicketShop) -> None:
    await shop.complain(await shop.customer())
    shop.clock.advance(days=31)
    assert (await replayed(shop, TICKETS.shipped, 30))[0] == 0
    assert (await replayed(shop, TICKETS.shipped, 32))[0] == 1
    async with shop.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(TicketEvent)) == 1


async def test_other_hours_name_the_tickets_that_would_be_late(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    shop.clock.advance(hours=9)
    evening = await shop.complain(await shop.customer("C-2"))
    shop.clock.advance(hours=2)
    longer = CALENDARS.parse(CALENDARS.shipped.replace("18:00", "23:00"))
    async with shop.database.read() as session:
        same = await simulator.simulate(session, CALENDAR_RULES, CALENDAR_RULES, shop.clock.now(), SHANGHAI)
        other = await simulator.simulate(session, CALENDAR_RULES, longer, shop.clock.now(), SHANGHAI)
    assert (same.examined, same.changes) == (4, [])
    (moved,) = other.changes
    assert (moved.ticket, moved.promise, moved.breaches) == (evening.number, "first_response", True)
    assert (moved.before, moved.after) == ("2026-03-03 10:00", "2026-03-02 20:00")
    assert ticket.number != evening.number
