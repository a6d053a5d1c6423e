"""Nothing that is written, and no name of a file, moves money: the same is given as for the plainest words."""

from itertools import count

import pytest
from sqlalchemy import select

from conversations.values import Attachment, AttachmentKind
from scheduler.jobs import offer_what_rules_give
from tests.conversations.known_people import KnownPeople
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.desk_work import jobs
from tests.support.doors import DirectDoor, Words
from tests.unit.tickets.test_hostile_texts import TEXTS
from tickets.money_models import Grant, LedgerEntry

pytestmark = pytest.mark.db

_COMPLAINT, _NUMBERS = "收到的龙井罐子破了", count(1)
_AT_ONCE = 20
#: As doors let them in: none takes a NUL.
_TEXTS = [text.replace("\0", " ") for text in TEXTS]


def photos(*names: str) -> tuple[Attachment, ...]:
    return tuple(Attachment(kind=AttachmentKind.PHOTO, name=name) for name in names)


async def say(shop: Shop, door: DirectDoor, text: str, *names: str) -> None:
    shop.clock.advance(minutes=2)
    await door.say([Words(f"m{next(_NUMBERS)}", text, photos(*names))])


async def buyer(shop: Shop, visitor: str, phone: str) -> DirectDoor:
    """Recognised, with an order of their own: to them the rules give something without asking anybody."""
    door = shop.door(visitor=visitor)
    await say(shop, door, "在吗")
    people = KnownPeople(shop.database, shop.clock, door)
    await people.buy(f"{visitor}-1 {phone} product=龙井 amount_minor=12400 currency=CNY placed=-3")
    await people.recognise(phone)
    return door


async def attack(shop: Shop, door: DirectDoor) -> None:
    """All of them as words and as names of files."""
    for start in range(0, len(_TEXTS), _AT_ONCE):
        some = _TEXTS[start : start + _AT_ONCE]
        await say(shop, door, "\n".join(some), *some)


async def given(shop: Shop) -> dict[int, list[tuple[str, int, str]]]:
    async with shop.database.read() as session:
        grants = await session.scalars(select(Grant).where(Grant.amount_minor > 0))
        found: dict[int, list[tuple[str, int, str]]] = {}
        for one in grants:
            found.setdefault(one.customer_id, []).append((one.kind.value, one.amount_minor, one.currency))
    return found


async def test_a_known_customer_is_given_the_same_as_for_plain_words(shop: Shop) -> None:
    plain, hostile = await buyer(shop, "plain", "+8613900000001"), await buyer(shop, "hostile", "+8613900000002")
    await say(shop, plain, _COMPLAINT, "photo.jpg")
    await say(shop, hostile, _COMPLAINT, *_TEXTS[:_AT_ONCE])
    await attack(shop, hostile)
    await offer_what_rules_give(jobs(shop))
    one, other = (await given(shop)).values()
    assert one == other
    assert len(one) == 1


async def test_a_stranger_is_given_nothing(shop: Shop) -> None:
    door = shop.door(visitor="stranger")
    await say(shop, door, _COMPLAINT, *_TEXTS[:_AT_ONCE])
    await attack(shop, door)
    await offer_what_rules_give(jobs(shop))
    assert await given(shop) == {}
    async with shop.database.read() as session:
        assert (await session.scalars(select(LedgerEntry))).first() is None
