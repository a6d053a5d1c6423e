"""Who is recognised in the chat, by what, and who is not."""

from itertools import count

import pytest

from conversations import repository
from conversations.values import Attachment, AttachmentKind
from core.database import Database
from customers import codes
from customers.models import ChannelIdentity
from tests.integration.conversations.conftest import Shop
from tests.integration.customers.people import known, order
from tests.support.doors import DirectDoor, Words

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
