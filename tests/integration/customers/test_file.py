"""A customer's file: written by several hands, by version, and each hand is remembered."""

import pytest

from core.database import Database
from customers import service
from customers.profile import ProfileChanges
from customers.service import CustomerChanged, ExternalIdTaken, may_ask_birthday
from customers.values import BirthdayQuestion, Origin
from tests.integration.customers.people import FILE, HERSELF, known, visitor
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db


async def test_the_same_number_is_the_same_customer(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        first = await known(session, clock.now(), external_id="C-1", name="王建国")
        again, is_new = await service.create_customer(
            session, ProfileChanges(external_id="C-1", organisation="茶社"), FILE, clock.now()
        )
    assert (again.id, is_new, again.organisation) == (first.id, False, "茶社")


async def test_an_old_version_is_refused(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), name="王")
    async with database.write() as session:
        changed = await service.change_customer(
            session, customer.id, 1, ProfileChanges(name="王建国"), HERSELF, clock.now()
        )
    assert changed.version == 2
    with pytest.raises(CustomerChanged, match="version 2 by now"):
        async with database.write() as session:
            await service.change_customer(session, customer.id, 1, ProfileChanges(name="李"), HERSELF, clock.now())


async def test_a_number_belongs_to_one_customer(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        await known(session, clock.now(), external_id="C-1")
        other = await known(session, clock.now(), external_id="C-2")
    with pytest.raises(ExternalIdTaken):
        async with database.write() as session:
            await service.change_customer(
                session, other.id, None, ProfileChanges(external_id="C-1"), HERSELF, clock.now()
            )


async def test_a_number_that_a_visitor_types_recognises_nobody(database: Database, clock: FakeClock) -> None:
    """Otherwise whoever types your number would get your next order."""
    async with database.write() as session:
        stranger = await visitor(session, clock.now())
        await service.change_customer(
            session, stranger.customer_id, None, ProfileChanges(phone="13800138000"), HERSELF, clock.now()
        )
        assert await service.list_by_contact(session, phone="+8613800138000") == []
        hers = await known(session, clock.now(), phone="13800138000")
        assert [c.id for c in await service.list_by_contact(session, phone="+8613800138000")] == [hers.id]


async def test_the_zone_is_the_best_that_is_known(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now())
        await service.note_timezone(session, customer, "Europe/London", clock.now())
        assert (customer.timezone, customer.timezone_from) == ("Europe/London", Origin.CHANNEL)
        chosen = ProfileChanges(timezone="America/Vancouver")
        await service.change_customer(session, customer.id, None, chosen, HERSELF, clock.now())
        await service.note_timezone(session, customer, "Europe/London", clock.now())
        assert (customer.timezone, customer.timezone_from) == ("America/Vancouver", Origin.CUSTOMER)


async def test_the_birthday_is_asked_for_once_and_no_is_for_good(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now())
        assert may_ask_birthday(customer)
        await service.mark_birthday_question(session, customer.id, BirthdayQuestion.DECLINED, clock.now())
        assert not may_ask_birthday(customer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"birthday": "1955-02-30"},
        {"birthday": "2024-06-01", "birthday_calendar": "lunar", "birthday_leap_month": True},
        {"timezone": "Mars/Olympus"},
        {"language": "fr"},
        {"phone": "1.38E+10"},
        {"email": "nobody"},
        {"name": "a\x00b"},
        {"tags": ["x"] * 51},
        {"nme": "misspelt"},
    ],
)
async def test_what_cannot_be_is_refused(database: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ProfileChanges.model_validate(wrong)
