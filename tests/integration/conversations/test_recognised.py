"""Who is recognised in the chat, by what, and who is not."""

from itertools import count

import pytest
from sqlalchemy import select

from conversations import repository
from conversations.values import Attachment, AttachmentKind
from core.database import Database
from customers import codes, service
from customers.identities import Newcomer, ensure_identity
from customers.models import ChannelIdentity, Customer
from customers.values import Tier
from tests.integration.conversations.conftest import Shop
from tests.integration.customers.people import known, order
from tests.support.doors import DirectDoor, Words
from tickets.models import Ticket

pytestmark = pytest.mark.db

_NUMBERS = count(1)
PHONE = "+8613800138000"


def card(**data: str) -> Attachment:
    return Attachment(kind=AttachmentKind.CONTACT, name="Li", data=dict(data))


async def say(door: DirectDoor, *texts: str) -> str:
    """What the bot says last."""
    await door.say([Words(f"{door.visitor} {next(_NUMBERS)}", text) for text in texts])
    return (await door.hear())[-1].text


async def identity(database: Database, door: DirectDoor) -> ChannelIdentity:
    async with database.read() as session:
        thread = await repository.find_thread(session, door.account, door.visitor)
        assert thread is not None
        return thread.identity


async def sell(shop: Shop, number: str = "T1001", phone: str = PHONE) -> int:
    async with shop.database.write() as session:
        customer = await known(session, shop.clock.now(), phone=phone)
        await order(session, shop.clock.now(), number, customer)
        return customer.id


@pytest.mark.parametrize("phone", ["+8613800138000", "8613800138000"])  # clients send it with and without +
async def test_ones_own_phone_number_is_recognised(shop: Shop, phone: str) -> None:
    customer_id, door = await sell(shop), shop.door()
    await say(door, "在吗")
    await door.say([Words("card", "", (card(phone=phone),))])
    who = await identity(shop.database, door)
    assert (who.customer_id, who.verified) == (customer_id, True)
    assert "T1001" in await say(door, "快递到哪了")


async def test_somebody_elses_contact_recognises_nobody(shop: Shop) -> None:
    customer_id, door = await sell(shop), shop.door()
    await door.say([Words("card", "", (card(),))])
    who = await identity(shop.database, door)
    assert who.customer_id != customer_id
    assert not who.verified
    assert "T1001" not in await say(door, "我的订单")


async def test_a_number_that_two_customers_have_recognises_nobody(shop: Shop) -> None:
    await sell(shop)
    async with shop.database.write() as session:
        await known(session, shop.clock.now(), external_id="C-2", phone=PHONE)
    door = shop.door()
    await door.say([Words("card", "", (card(phone=PHONE),))])
    assert not (await identity(shop.database, door)).verified


async def test_a_code_from_one_channel_joins_the_other(shop: Shop) -> None:
    customer_id = await sell(shop)
    telegram, web = shop.door("phone", "telegram"), shop.door("laptop", "web")
    await telegram.say([Words("card", "", (card(phone=PHONE),))])
    code = (await say(telegram, "/link")).partition("/link ")[2].split()[0]
    await say(web, f"/link {code}", "我的资料")
    who = await identity(shop.database, web)
    assert (who.customer_id, who.verified) == (customer_id, True)
    assert "T1001" in await say(web, "快递到哪了")


async def http_customer(shop: Shop, number: str, own_ids: bool = False) -> DirectDoor:
    """Another system's customer, for whom it vouches; with own ids it says nothing of the shop's numbers."""
    door = shop.door(number, "http")
    door.who = door.who.model_copy(update={"verified": True})
    newcomer = Newcomer(
        account=door.account,
        external_id=number,
        verified=True,
        customer_external_id=None if own_ids else number,
    )
    async with shop.database.write() as session:
        await ensure_identity(session, newcomer, shop.clock.now())
    return door


async def code_from(door: DirectDoor) -> str:
    return (await say(door, "/link")).partition("/link ")[2].split()[0]


@pytest.mark.parametrize("own_ids", [False, True])
@pytest.mark.parametrize("entered_on", ["telegram", "http"])
async def test_two_proven_sides_of_one_person_become_one_file(shop: Shop, own_ids: bool, entered_on: str) -> None:
    """The order is known by phone, the app's customer by number: whoever holds both joins them, either way round."""
    await sell(shop)
    telegram, app = shop.door("phone", "telegram"), await http_customer(shop, "C-77", own_ids)
    await telegram.say([Words("card", "", (card(phone=PHONE),))])
    made_on, other = (app, telegram) if entered_on == "telegram" else (telegram, app)
    await say(other, f"/link {await code_from(made_on)}")
    both = [await identity(shop.database, door) for door in (telegram, app)]
    assert both[0].customer_id == both[1].customer_id
    assert "T1001" in await say(app, "快递到哪了")
    async with shop.database.read() as session:
        customer = await session.get_one(Customer, both[0].customer_id)
    assert customer.phone == PHONE
    assert customer.external_id == (None if own_ids else "C-77")


async def test_whom_the_shop_keeps_apart_no_code_joins(shop: Shop) -> None:
    """Each has a number of the shop's own: two people, one of whom holds the other's phone for a moment."""
    hers, his = await http_customer(shop, "C-1"), await http_customer(shop, "C-2")
    assert "已经是一位顾客的了" in await say(his, f"/link {await code_from(hers)}")
    assert (await identity(shop.database, hers)).customer_id != (await identity(shop.database, his)).customer_id


async def test_a_visitors_code_brings_nobody_known_to_them(shop: Shop) -> None:
    await sell(shop)
    telegram, page = shop.door("phone", "telegram"), shop.door("page", "web")
    await telegram.say([Words("card", "", (card(phone=PHONE),))])
    await say(telegram, f"/link {await code_from(page)}")
    ids = [(await identity(shop.database, door)).customer_id for door in (telegram, page)]
    assert ids[0] != ids[1]


async def test_on_telegram_the_phone_number_is_asked_for_first(shop: Shop) -> None:
    await sell(shop)
    door = shop.door("phone", "telegram")
    await say(door, "在吗")
    await door.say([Words("1", "快递到哪了")])
    asked = (await door.hear())[-1]
    assert asked.buttons[0].label == "用我的手机号找"
    await door.press("2", asked.buttons[0].id)
    share = (await door.hear())[-1].buttons
    assert [(button.label, button.asks) for button in share] == [("发送我的手机号", "phone"), ("不用了", None)]
    await door.say([Words("card", "", (card(phone=PHONE),))])
    assert "T1001" in await say(door, "快递到哪了")


async def test_elsewhere_no_phone_number_is_asked_for(shop: Shop) -> None:
    await sell(shop)
    door = shop.door("page", "web")
    await door.say([Words("1", "快递到哪了")])
    assert all("手机号" not in button.label for button in (await door.hear())[-1].buttons)


async def test_who_shares_the_number_in_a_complaint_is_asked_which_order(shop: Shop) -> None:
    await sell(shop)
    async with shop.database.write() as session:
        customer = await service.list_by_contact(session, phone=PHONE)
        await order(session, shop.clock.now(), "T1002", customer[0], product="碧螺春")
    door = shop.door("phone", "telegram")
    await door.say([Words("1", "在吗"), Words("2", "你们寄来的茶罐碎了，太气人了")])
    assert [button.label for button in (await door.hear())[-1].buttons] == ["用我的手机号找", "跳过"]
    await door.say([Words("card", "", (card(phone=PHONE),))])
    asked = (await door.hear())[-1]
    assert [button.label for button in asked.buttons][:2] == ["T1002 碧螺春", "T1001"]
    await door.press("3", asked.buttons[0].id)
    async with shop.database.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert ticket.order_id is not None
    assert ticket.order_verified


async def test_what_is_written_after_joining_in_the_same_breath_is_of_the_joined_customer(shop: Shop) -> None:
    customer_id = await sell(shop)
    async with shop.database.write() as session:
        code = (await codes.invite(session, customer_id, by="li", now=shop.clock.now())).code
    door = shop.door()
    await say(door, f"/link {code}", f"/link {code}", "退订")
    async with shop.database.read() as session:
        found = await repository.find_conversation(session, door.account, door.visitor)
        assert found is not None
        assert found.customer_id == customer_id


async def test_a_code_serves_one_of_two_who_bring_it(shop: Shop) -> None:
    customer_id = await sell(shop)
    async with shop.database.write() as session:
        code = (await codes.invite(session, customer_id, by="li", now=shop.clock.now())).code
    first, second = shop.door("one"), shop.door("two")
    await say(first, f"/link {code}")
    await say(second, f"/link {code}")
    joined = [(await identity(shop.database, door)).customer_id == customer_id for door in (first, second)]
    assert joined == [True, False]


async def test_five_wrong_tries_end_it_even_in_one_breath(shop: Shop) -> None:
    """Each question and number is a turn of its own; tries that are not written yet count too."""
    await sell(shop)
    door = shop.door()
    await say(door, "查快递")
    wrong = [text for n in range(5) for text in ("查快递", f"T1001 000{n}")]
    assert "T1001" not in await say(door, *wrong, "查快递", "T1001 8000")
    assert "T1001" not in await say(door, "查快递", "T1001 8000")


async def test_the_bot_tells_what_the_tier_brings_and_hides_contacts(shop: Shop) -> None:
    """The table of benefits is the shop's own, published like any rules."""
    customer_id, door = await sell(shop), shop.door()
    await say(door, "在吗")
    await door.say([Words("card", "", (card(phone=PHONE),))])
    async with shop.database.write() as session:
        customer = await session.get_one(Customer, customer_id)
        customer.tier, customer.email = Tier.GOLD, "guifang@example.com"
        customer.needs, customer.organisation = "门铃坏了，请打电话", "西湖茶友会"
    assert "您有优先客服、全年包邮" in await say(door, "我有什么权益")
    shown = await say(door, "我的资料")
    for words in ("金卡", "尾号 8000", "g***@example.com", "门铃坏了，请打电话", "西湖茶友会"):
        assert words in shown
    assert "guifang" not in shown
