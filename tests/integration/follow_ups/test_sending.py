"""What reaches whom, when, in which words; and why the rest does not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from conversations.models import Message
from conversations.values import MessageKind
from customers import consents
from customers.models import ChannelIdentity, Customer, Order
from customers.segment_models import SegmentMove
from customers.task_models import Task
from customers.values import OrderStatus, Stage, Tier
from scheduler import programmes
from scheduler.programme_rules import PROGRAMMES
from scheduler.stopping import pause_unwelcome
from tests.integration.follow_ups.shop import FollowUpShop, Sending, sending
from tests.support.clock import FakeClock


@pytest.fixture
async def street(shop: FollowUpShop, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Sending]:
    async with sending(shop, clock, tmp_path) as running:
        yield running


async def states(shop: FollowUpShop) -> list[tuple[str, str, str | None]]:
    return [(row.programme, row.state.value, row.because) for row in await shop.follow_ups()]


@pytest.mark.db
async def test_a_greeting_arrives_at_ten_in_the_customer_s_own_words_with_the_way_out(street: Sending) -> None:
    shop = street.shop
    await shop.person("li", birthday="03-03", form_of_address="李阿姨")
    await shop.person("ann", birthday="03-03", language="en", timezone="Europe/London")
    await shop.person("nameless", birthday="03-03", language="en", chosen=["birthday"])
    async with shop.database.write() as session:
        (nameless,) = [c for c in await session.scalars(select(Customer)) if c.name == "nameless"]
        nameless.name = None
    await shop.enable("birthday")
    await street.at("03-03 09:59")
    assert street.said() == []
    await street.at("03-03 10:00")
    assert street.said() == [
        (
            "li",
            "李阿姨，今天是您的生日，祝您身体健康，日子舒心。谢谢您一直照顾小店。\n生日是您登记会员时留的。\n\n"
            "不想收到这类消息，回复“退订”。",
        ),
        (
            "nameless",
            "Happy birthday; we hope it's a good day. Thank you for being our customer.\n\n"
            'Reply "stop" if you\'d rather not get these.',
        ),
    ]
    await street.at("03-03 18:00")
    assert [lane for lane, _ in street.said()] == ["li", "nameless", "ann"]
    assert street.said()[-1][1].startswith("Happy birthday, ann; we hope")
    assert await states(shop) == [("birthday", "sent", None)] * 3
    async with shop.database.read() as session:
        kinds = set(await session.scalars(select(Message.kind)))
    assert kinds == {MessageKind.CARE}


async def test_a_stop_before_it_is_sent_ends_it_and_names_the_reason(street: Sending) -> None:
    customer = await street.shop.person("li", birthday="03-03")
    await street.shop.enable("birthday")
    await street.at("03-03 09:59")
    async with street.shop.database.write() as session:
        await consents.stop_everything(session, customer, source="chat", now=street.clock.now())
    await street.at("03-03 12:00")
    assert street.said() == []
    assert await states(street.shop) == [("birthday", "skipped", "opted_out")]


NAMES_ONLY = """
[[programme]]
id = "names"
name = { zh = "只有名字", en = "The name alone" }
kind = "service"
because = { zh = "生日", en = "a birthday" }
trigger = { on = "date", field = "birthday" }
at = "10:00"
lasts_hours = 11
priority = 2
[[programme.step]]
text.zh = "[{name}]"
text.en = "[{name}]"
"""


@pytest.mark.db
async def test_what_comes_out_without_a_word_is_given_up_and_holds_up_nobody_else(street: Sending) -> None:
    shop = street.shop
    await shop.person("nameless", birthday="03-03")
    await shop.person("li", birthday="03-03")
    async with shop.database.write() as session:
        await session.execute(update(Customer).where(Customer.name == "nameless").values(name=None))
    await shop.publish(NAMES_ONLY)
    await shop.enable("names")
    await street.at("03-03 10:00")
    assert street.said() == [("li", "li")]
    assert sorted(await states(shop)) == [("names", "failed", "not_composed"), ("names", "sent", None)]


@pytest.mark.db
async def test_of_two_that_fall_together_the_more_important_goes_and_the_other_is_dropped_with_a_reason(
    street: Sending,
) -> None:
    # 17 February 2026 is the first day of the lunar year; here a birthday meets the shop's own day.
    await street.shop.publish(PROGRAMMES.shipped.replace('date = "05-20"', 'date = "03-03"'))
    await street.shop.person("li", birthday="03-03")
    await street.shop.enable("shop-day", "birthday")
    await street.at("03-02 12:00", "03-03 10:00", "03-03 20:59")
    assert len(street.said()) == 1
    assert "生日" in street.said()[0][1]
    assert sorted(await states(street.shop)) == [
        ("birthday", "sent", None),
        ("shop-day", "skipped", "outranked"),
    ]


async def test_holding_all_follow_ups_lets_nothing_out_and_what_expires_meanwhile_is_dropped(street: Sending) -> None:
    shop, clock = street.shop, street.clock
    await shop.person("today", birthday="03-03")
    await shop.person("tomorrow", birthday="03-04")
    await shop.enable("birthday")
    async with shop.database.write() as session:
        await programmes.hold(session, by="test", now=clock.now())
    await street.at("03-02 12:00", "03-03 12:00")
    assert ("birthday", "planned", "hold") in await states(shop)
    await street.at("03-04 12:00")
    assert street.said() == []
    async with shop.database.write() as session:
        assert await programmes.release(session, by="test", now=clock.now())
    await street.at("03-04 12:01")
    assert [lane for lane, _ in street.said()] == ["tomorrow"]
    assert ("birthday", "skipped", "hold") in await states(shop)


async def test_a_programme_sends_few_on_its_first_day_and_more_on_each_day_after(street: Sending) -> None:
    shop = street.shop
    for number in range(60):
        await shop.person(f"p{number}")
    text = PROGRAMMES.shipped.replace('date = "05-20" }\nat = "10:00"\nlasts_hours = 11',
                                      'date = "03-03" }\nat = "10:00"\nlasts_hours = 72')  # fmt: skip
    await shop.publish(text)
    await shop.enable("shop-day", since=shop.now + timedelta(hours=13, minutes=30))
    await street.at("03-03 10:00", "03-03 15:00")
    assert len(street.said()) == 50
    await street.at("03-04 09:30")
    assert len(street.said()) == 60


async def test_a_programme_pauses_itself_when_people_say_stop(street: Sending) -> None:
    shop, clock = street.shop, street.clock
    people = [await shop.person(f"p{number}", birthday="03-03") for number in range(12)]
    await shop.person("later", birthday="03-04")
    await shop.enable("birthday")
    await street.at("03-03 10:30")
    for number, customer in enumerate(people[:5]):
        async with shop.database.write() as session:
            assert await pause_unwelcome(session, shop.office, clock.now()) == 0, number
            await consents.stop_everything(session, customer, source="chat", now=clock.now())
    async with shop.database.write() as session:
        assert await pause_unwelcome(session, shop.office, clock.now()) == 1
    await street.at("03-04 12:00")
    assert len(street.said()) == 12
    assert ("birthday", "skipped", "programme_off") in await states(shop)


async def test_news_of_an_order_needs_no_consent_and_waits_for_the_morning(street: Sending) -> None:
    shop = street.shop
    customer = await shop.person("li", care=None)
    async with shop.database.write() as session:
        # Whoever has written within the last ten minutes is awake.
        await session.execute(update(ChannelIdentity).values(last_seen_at=shop.now - timedelta(days=2)))
    await shop.enable("order-received")
    await street.at("03-02 22:00")
    now = street.clock.now()
    await shop.order("A-7", customer, OrderStatus.PLACED, placed_at=now, updated_at=now)
    await street.at("03-03 08:55")
    assert street.said() == []
    assert await states(shop) == [("order-received", "planned", "quiet_hours")]
    await street.at("03-03 09:00")
    assert street.said() == [("li", "您的订单A-7（龙井）我们收到了，发货后可以在这里查到快递。")]


async def test_what_has_become_void_is_cancelled_with_its_cause(street: Sending) -> None:
    shop, clock = street.shop, street.clock
    customer = await shop.person("li")
    order = await shop.order("A-1", customer, OrderStatus.DELIVERED, delivered_at=clock.now() - timedelta(days=4))
    await shop.enable("revisit")
    await street.tick()
    async with shop.database.write() as session:
        (await session.get_one(Order, order)).status = OrderStatus.RETURNED
    await street.at("03-03 12:00")
    (row,) = await shop.follow_ups()
    assert (row.state.value, row.because, row.values) == ("cancelled", "expired", {"cause": "returned"})
    assert street.said() == []


async def test_a_step_may_be_a_call_and_the_next_one_follows_from_it(street: Sending) -> None:

    shop, clock = street.shop, street.clock
    customer = await shop.person("li", tier=Tier.GOLD, stage=Stage.DECLINING)
    async with shop.database.write() as session:
        session.add(
            SegmentMove(
                customer_id=customer, at=clock.now(), what="stage", before="mature", after="declining", rule="r"
            )
        )
    await shop.enable("win-back-best")
    await street.at("03-03 11:00")
    async with shop.database.read() as session:
        (task,) = await session.scalars(select(Task))
    assert (task.kind.value, task.subject, task.customer_id) == ("call", "win-back-best", customer)
    assert "li" in (task.text or "")
    await street.at("03-16 11:00", "03-17 11:00")
    assert [text.split("，")[1] for _, text in street.said()] == ["好久不见"]


async def test_on_the_web_it_is_said_when_the_page_was_open_within_a_day_and_else_skipped(street: Sending) -> None:

    shop = street.shop
    await shop.person("here", account="web", birthday="03-03")
    await shop.person("gone", account="web", birthday="03-03")
    await shop.enable("birthday")
    async with shop.database.write() as session:
        (gone,) = await session.scalars(select(ChannelIdentity).where(ChannelIdentity.external_id == "gone"))
        gone.last_seen_at = shop.now - timedelta(days=2)
    await street.at("03-03 10:00")
    async with shop.database.read() as session:
        assert len(list(await session.scalars(select(Message)))) == 1
    assert sorted(await states(shop)) == [("birthday", "planned", "unreachable"), ("birthday", "sent", None)]
    await street.at("03-03 20:59")
    assert sorted(await states(shop)) == [("birthday", "sent", None), ("birthday", "skipped", "unreachable")]
