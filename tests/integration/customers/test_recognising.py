"""Who somebody is: by a one-time code, by a phone that the channel vouches for, by an order and four digits."""

import pytest

from core.database import Database
from core.errors import LimitExceeded
from customers import codes
from customers.models import Customer
from tests.integration.customers.people import known, order, visitor
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db


async def test_who_opens_the_link_first_is_the_customer(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), external_id="C-1")
        bought = await order(session, clock.now(), "A-1", customer)
        link = await codes.invite(session, customer.id, by="li", now=clock.now(), order_id=bought.id)
        first, second = await visitor(session, clock.now(), "one"), await visitor(session, clock.now(), "two")
        spelled = f" {link.code[:4].lower()}-{link.code[4:]} "
        joined = await codes.redeem(session, first, spelled, clock.now())
        assert (joined.customer_id, joined.order_id, first.verified) == (customer.id, bought.id, True)
        with pytest.raises(codes.CodeInvalid):
            await codes.redeem(session, second, link.code, clock.now())
        assert second.customer_id != customer.id


async def test_a_code_ends(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), external_id="C-1")
        link = await codes.invite(session, customer.id, by="li", now=clock.now())
        stranger = await visitor(session, clock.now())
        clock.advance(days=181)
        with pytest.raises(codes.CodeInvalid):
            await codes.redeem(session, stranger, link.code, clock.now())


async def test_a_second_channel_gets_what_the_first_has_proven(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), external_id="C-1")
        invited = await codes.invite(session, customer.id, by="li", now=clock.now())
        phone, laptop = await visitor(session, clock.now(), "phone"), await visitor(session, clock.now(), "laptop")
        left = laptop.customer_id
        await codes.redeem(session, phone, invited.code, clock.now())
        link = await codes.start_link(session, phone, clock.now())
        await codes.redeem(session, laptop, link.code, clock.now())
        assert (laptop.customer_id, laptop.verified) == (customer.id, True)
        old = await session.get(Customer, left, populate_existing=True)
        assert old is not None
        assert old.merged_into_id == customer.id


async def test_two_visitors_together_are_still_a_visitor(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        one, two = await visitor(session, clock.now(), "one"), await visitor(session, clock.now(), "two")
        link = await codes.start_link(session, one, clock.now())
        await codes.redeem(session, two, link.code, clock.now())
        assert (two.customer_id, two.verified) == (one.customer_id, False)


async def test_a_visitors_code_catches_no_customer(database: Database, clock: FakeClock) -> None:
    """A stranger who sends his code to a customer gets nothing of hers."""
    async with database.write() as session:
        hers = await visitor(session, clock.now(), "hers", verified=True)
        stranger = await visitor(session, clock.now(), "his")
        link = await codes.start_link(session, stranger, clock.now())
        with pytest.raises(codes.CannotJoin):
            await codes.redeem(session, hers, link.code, clock.now())
        assert hers.customer_id != stranger.customer_id


async def test_an_own_phone_number_recognises_the_one_who_has_it(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), phone="13800138000")
        telegram = await visitor(session, clock.now())
        found = await codes.recognise_phone(session, telegram, "+8613800138000", clock.now())
        assert found is not None
        assert (telegram.customer_id, telegram.verified) == (customer.id, True)
        other = await visitor(session, clock.now(), "two")
        await known(session, clock.now(), phone="13900139000", name="mother")
        await known(session, clock.now(), phone="13900139000", name="father")
        assert await codes.recognise_phone(session, other, "+8613900139000", clock.now()) is None


async def test_an_order_is_shown_for_the_right_four_digits_and_not_after_five_wrong_ones(
    database: Database, clock: FakeClock
) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), phone="13800138000")
        await order(session, clock.now(), "A-1", customer)
        asker = await visitor(session, clock.now())
        assert await codes.prove_order(session, asker, "A-1", "8000", clock.now()) is not None
        assert not asker.verified
        for wrong in ("1111", "2222", "", "八千零零"):
            assert await codes.prove_order(session, asker, "A-1", wrong, clock.now()) is None
        assert await codes.prove_order(session, asker, "no-such", "8000", clock.now()) is None
        with pytest.raises(LimitExceeded):
            await codes.prove_order(session, asker, "A-1", "8000", clock.now())
        clock.advance(hours=25)
        assert await codes.prove_order(session, asker, "A-1", "8000", clock.now()) is not None
