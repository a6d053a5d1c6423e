"""A customer's "stop" holds, whatever a file says before or after."""

import pytest

from core.database import Database
from customers import consents
from customers.models import Consent
from customers.values import ConsentKind
from tests.integration.customers.people import known
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db
CARE, PROMOTION = ConsentKind.CARE, ConsentKind.PROMOTION


async def test_nobody_has_allowed_anything_before_they_were_asked(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now())
        assert await consents.current(session, customer.id) == dict.fromkeys(ConsentKind, consents.NEVER_ASKED)


async def test_a_file_gives_until_the_customer_says_stop(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now())
        said = {CARE: True, PROMOTION: True}
        await consents.record(session, customer.id, said, source="到店登记", now=clock.now(), by_customer=False)
        stopped = await consents.stop_everything(session, customer.id, source="telegram", now=clock.now())
        assert stopped == {CARE, PROMOTION}
        clock.advance(days=1)
        again = await consents.record(session, customer.id, said, source="file", now=clock.now(), by_customer=False)
        standing = await consents.current(session, customer.id)
    assert again == set()
    assert not standing[CARE].given
    assert not standing[PROMOTION].given


async def test_a_stop_counts_even_when_a_file_is_written_after_it(database: Database, clock: FakeClock) -> None:
    """A slow import read the consents before the stop and commits after it: the row is newer, and weighs less."""
    async with database.write() as session:
        customer = await known(session, clock.now())
        await consents.stop_everything(session, customer.id, source="web", now=clock.now())
        session.add(
            Consent(
                customer_id=customer.id, kind=CARE, given=True, source="file", by_customer=False,
                at=clock.now(), recorded_at=clock.now(),
            )
        )  # fmt: skip
        await session.flush()
        assert not (await consents.current(session, customer.id))[CARE].given


async def test_the_history_keeps_every_answer_with_source_and_date(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now())
        for given, source in ((True, "page"), (True, "page"), (False, "stop"), (True, "page")):
            clock.advance(hours=1)
            await consents.record(session, customer.id, {CARE: given}, source=source, now=clock.now())
        history = await consents.list_history(session, customer.id)
    assert [(row.given, row.source) for row in history] == [(True, "page"), (False, "stop"), (True, "page")]


async def test_silence_in_a_file_is_no_answer_to_remember(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now())
        await consents.record(session, customer.id, {CARE: False}, source="f", now=clock.now(), by_customer=False)
        assert await consents.list_history(session, customer.id) == []
