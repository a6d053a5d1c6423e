"""What is planned for whom: each occasion once, whatever restarts, jumps and second planners do."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.database import Database
from customers.values import BirthdayCalendar, OrderStatus, Stage, Tier
from scheduler.candidates import is_held_out
from scheduler.models import FollowUp, ProgrammeState
from scheduler.planner import plan_ahead
from scheduler.programme_rules import PROGRAMMES
from scheduler.values import FollowUpState
from tests.integration.follow_ups.shop import FollowUpShop
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db
PLANNED, SKIPPED = FollowUpState.PLANNED, FollowUpState.SKIPPED


async def plan(shop: FollowUpShop, clock: FakeClock) -> int:
    return await plan_ahead(shop.database, shop.office, clock.now())


async def planned(shop: FollowUpShop) -> list[tuple[int, str, str, str, str | None]]:
    """Customer, occasion, due, state, reason."""
    rows = await shop.follow_ups()
    return [(f.customer_id, f.occasion, f"{f.due_at:%d %H:%M}", f.state.value, f.because) for f in rows]


async def test_a_birthday_is_planned_in_its_own_calendar_at_the_customer_s_own_ten_o_clock(
    shop: FollowUpShop, clock: FakeClock
) -> None:
    # The clock shows Monday 2 March 2026, 11:00 in Hangzhou: the 14th of the first lunar month.
    solar = await shop.person("solar", birthday="1955-03-03")
    lunar = await shop.person("lunar", birthday="1955-01-15", birthday_calendar=BirthdayCalendar.LUNAR)
    london = await shop.person("london", birthday="03-02", timezone="Europe/London")
    odd = await shop.person("odd", birthday="03-03", timezone="Nowhere/Land")
    await shop.person("other", birthday="1955-03-04")
    await shop.enable("birthday")
    assert await plan(shop, clock) == 4
    assert await planned(shop) == [
        (london, "2026-03-02", "02 10:00", "planned", None),
        (solar, "2026-03-03", "03 02:00", "planned", None),
        (lunar, "2026-03-03", "03 02:00", "planned", None),
        (odd, "2026-03-03", "03 02:00", "planned", None),
    ]


async def test_who_will_surely_not_get_it_is_written_down_with_the_reason(shop: FollowUpShop, clock: FakeClock) -> None:
    await shop.person("yes", birthday="03-03")
    await shop.person("asked to stop", birthday="03-03", care=False)
    await shop.person("never asked", birthday="03-03", care=None)
    await shop.person("no address", birthday="03-03", account=None)
    await shop.person("sample", birthday="03-03", sample=True)
    await shop.person("erased", birthday="03-03", erased_at=shop.now)
    await shop.enable("birthday")
    await plan(shop, clock)
    reasons = [because for *_, because in await planned(shop)]
    assert reasons == [None, "no_consent", "no_consent", "no_channel", "sample"]


async def test_planning_again_restarting_and_jumping_clocks_change_nothing(
    shop: FollowUpShop, clock: FakeClock
) -> None:
    for number in range(5):
        await shop.person(f"p{number}", birthday="03-03")
    await shop.enable("birthday")
    assert await plan(shop, clock) == 5
    before = await planned(shop)
    for minutes in (1, 20, 60, -120, 60, 600):
        clock.advance(minutes=minutes)
        assert await plan(shop, clock) == 0
    assert await planned(shop) == before


async def test_four_planners_at_once_plan_each_occasion_once(shop: FollowUpShop, clock: FakeClock) -> None:
    for number in range(30):
        customer = await shop.person(f"p{number}", birthday="03-03")
        await shop.order(f"A-{number}", customer, OrderStatus.DELIVERED, delivered_at=shop.now - timedelta(days=4))
    await shop.enable("birthday", "revisit")
    others = [Database(str(shop.database.url.render_as_string(hide_password=False))) for _ in range(3)]
    try:
        counts = await asyncio.gather(
            *(plan_ahead(database, shop.office, clock.now()) for database in (shop.database, *others))
        )
    finally:
        for other in others:
            await other.close()
    assert sum(counts) == 60
    async with shop.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(FollowUp)) == 60


async def test_downtime_is_made_up_for_and_what_is_stale_is_written_down(shop: FollowUpShop, clock: FakeClock) -> None:
    missed = await shop.person("missed", birthday="03-06")
    today = await shop.person("today", birthday="03-08")
    await shop.enable("birthday")
    await plan(shop, clock)
    clock.advance(days=6, hours=4)  # Sunday 8 March, 15:00; nobody planned anything since Monday.
    await plan(shop, clock)
    assert await planned(shop) == [
        (missed, "2026-03-06", "06 02:00", "skipped", "expired"),
        (today, "2026-03-08", "08 02:00", "planned", None),
    ]


async def test_nothing_counts_that_was_due_before_the_programme_was_enabled_or_came_by_an_import(
    shop: FollowUpShop, clock: FakeClock
) -> None:
    # Ten o'clock, and with it the birthday, has passed.
    early = await shop.person("early", birthday="03-02")
    late = await shop.person("late")
    ago = timedelta(days=4)
    await shop.order("imported", late, OrderStatus.DELIVERED, delivered_at=shop.now - ago, imported=True)
    await shop.order("own", late, OrderStatus.DELIVERED, delivered_at=shop.now - ago)
    await shop.order("old", early, OrderStatus.DELIVERED, delivered_at=shop.now - timedelta(days=30))
    await shop.enable("birthday", "revisit", since=clock.now())
    await plan(shop, clock)
    assert [(customer, occasion) for customer, occasion, *_ in await planned(shop)] == [(late, "order:own")]


async def test_changed_rules_derive_anew_what_has_gone_nowhere_yet(shop: FollowUpShop, clock: FakeClock) -> None:
    customer = await shop.person("she", birthday="03-03", language="en")
    await shop.enable("birthday")
    await plan(shop, clock)
    text = PROGRAMMES.shipped.replace('at = "10:00"\nlasts_hours = 11\npriority = 2', 'at = "10:30"\nlasts_hours = 9')
    await shop.publish(text)
    await plan(shop, clock)
    (row,) = await shop.follow_ups()
    assert (row.customer_id, f"{row.due_at:%d %H:%M}", row.rule) == (customer, "03 02:30", "programmes@1/birthday")
    # An audience that leaves her out takes it away again.
    await shop.publish(text.replace("lasts_hours = 9\n", 'lasts_hours = 9\naudience = { languages = ["zh"] }\n'))
    await plan(shop, clock)
    assert await shop.follow_ups() == []


async def test_an_audience_is_narrowed_by_tier_stage_tag_and_orders(shop: FollowUpShop, clock: FakeClock) -> None:
    wanted = await shop.person("wanted", birthday="03-03", tier=Tier.GOLD, stage=Stage.MATURE, tags=["茶会", "x"])
    await shop.order("A-1", wanted, OrderStatus.DELIVERED)
    await shop.person("tier", birthday="03-03", tier=Tier.STANDARD, stage=Stage.MATURE, tags=["茶会"])
    await shop.person("tag", birthday="03-03", tier=Tier.GOLD, stage=Stage.MATURE, tags=["茶会友"])
    await shop.person("orders", birthday="03-03", tier=Tier.GOLD, stage=Stage.MATURE, tags=["茶会"])
    audience = '{ tiers = ["vip", "gold"], stages = ["mature"], tags = ["茶会"], orders_at_least = 1 }'
    await shop.publish(PROGRAMMES.shipped.replace("priority = 2\n", f"priority = 2\naudience = {audience}\n", 1))
    await shop.enable("birthday")
    await plan(shop, clock)
    assert [row[0] for row in await planned(shop)] == [wanted]


async def test_a_share_of_customers_is_kept_out_for_good(shop: FollowUpShop, clock: FakeClock) -> None:
    for number in range(60):
        await shop.person(f"p{number}", birthday="03-03")
    await shop.publish(PROGRAMMES.shipped.replace("priority = 2\n", "priority = 2\nholdout = 0.25\n", 1))
    await shop.enable("birthday")
    await plan(shop, clock)
    kept = {customer for customer, *_, because in await planned(shop) if because == "holdout"}
    assert 8 <= len(kept) <= 22
    async with shop.database.read() as session:
        birthday = (await shop.office.programmes(session)).rules.find("birthday")
    assert birthday is not None
    assert kept == {customer for customer, *_ in await planned(shop) if is_held_out(birthday, customer)}


async def test_a_programme_that_is_off_plans_nothing(shop: FollowUpShop, clock: FakeClock) -> None:
    await shop.person("she", birthday="03-03")
    assert await plan(shop, clock) == 0
    async with shop.database.read() as session:
        assert list(await session.scalars(select(ProgrammeState))) == []
