"""Several schedulers, clocks that jump, hours down: each once, or dropped with the reason."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.database import Database
from scheduler.carrying import carry_over
from scheduler.dispatch import dispatch_due
from scheduler.models import PostedEvent
from scheduler.planner import plan_ahead
from scheduler.programme_rules import PROGRAMMES
from tests.integration.follow_ups.shop import FollowUpShop, Sending, sending
from tests.support.clock import FakeClock


@pytest.fixture
async def street(shop: FollowUpShop, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Sending]:
    async with sending(shop, clock, tmp_path) as running:
        yield running


async def post_events(shop: FollowUpShop, kind: str, people: int, *, first: int = 0) -> None:
    """So many customers, each with an event of this kind that happens now."""
    for number in range(first, first + people):
        customer = await shop.person(f"p{number}")
        async with shop.database.write() as session:
            event = PostedEvent(account="http:shop", external_id=f"{kind} {number}", customer_id=customer, kind=kind,
                                at=shop.now, data={"product": "龙井"}, received_at=shop.now)  # fmt: skip
            session.add(event)


@pytest.mark.db
@pytest.mark.parametrize("schedulers", [2, 4])
async def test_several_schedulers_hand_each_one_on_once(street: Sending, schedulers: int) -> None:
    shop, clock = street.shop, street.clock
    await post_events(shop, "back_in_stock", 40)
    await shop.enable("back-in-stock")
    url = shop.database.url.render_as_string(hide_password=False)
    others = [Database(url) for _ in range(schedulers - 1)]

    async def schedule(database: Database, late: float) -> None:
        for _ in range(3):
            await asyncio.sleep(late)
            await plan_ahead(database, shop.office, clock.now())
            await dispatch_due(database, shop.office, clock.now())
            await carry_over(database)

    try:
        turns = enumerate((shop.database, *others))
        await asyncio.gather(*(schedule(database, 0.01 * number) for number, database in turns))
    finally:
        for other in others:
            await other.close()
    await street.settle()
    await carry_over(shop.database)
    assert Counter(lane for lane, _ in street.said()) == {f"p{number}": 1 for number in range(40)}
    assert {row.state.value for row in await shop.follow_ups()} == {"sent"}


@pytest.mark.db
async def test_clocks_that_jump_an_hour_either_way_send_nothing_twice_and_lose_nothing(street: Sending) -> None:
    shop, clock = street.shop, street.clock
    for number in range(6):
        await shop.person(f"p{number}", birthday="03-03")
    await shop.enable("birthday")
    await street.at("03-03 09:50")
    for hours in (1, -1, 1, -1, 0.25):  # over the hour at which it is due, and back
        clock.advance(hours=hours)
        await street.tick()
    assert Counter(lane for lane, _ in street.said()) == {f"p{number}": 1 for number in range(6)}
    await street.at("03-04 12:00")
    assert [(row.state.value, row.because) for row in await shop.follow_ups()] == [("sent", None)] * 6


async def six_hours_down(street: Sending, people: int) -> None:
    """Half of what is due lasts longer than the pause, half does not."""
    shop, clock = street.shop, street.clock
    text = PROGRAMMES.shipped
    start = text.index('id = "cheaper"')
    short = text[start:].replace("lasts_hours = 48", "lasts_hours = 4", 1)
    await shop.publish(text[:start] + short)
    await shop.enable("back-in-stock", "cheaper")
    await post_events(shop, "back_in_stock", people // 2)
    await post_events(shop, "price_drop", people // 2, first=people // 2)
    clock.advance(seconds=1)
    await plan_ahead(shop.database, shop.office, clock.now())
    clock.advance(hours=6)  # nobody dispatched anything
    await street.tick()
    seen = Counter((row.programme, row.state.value, row.because) for row in await shop.follow_ups())
    assert seen == {
        ("back-in-stock", "sent", None): people // 2,
        ("cheaper", "skipped", "expired"): people // 2,
    }
    assert Counter(lane for lane, _ in street.said()) == {f"p{number}": 1 for number in range(people // 2)}


async def test_after_six_hours_down_each_is_sent_once_or_dropped_with_the_reason(street: Sending) -> None:
    await six_hours_down(street, 120)


@pytest.mark.soak
@pytest.mark.db
async def test_after_six_hours_down_two_thousand_are_sent_once_or_dropped_with_the_reason(street: Sending) -> None:
    await six_hours_down(street, 2000)
