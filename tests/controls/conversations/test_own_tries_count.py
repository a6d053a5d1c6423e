"""A reader that forgets the wrong tries of its own batch lets somebody guess on in one breath."""

from datetime import datetime

import pytest

from conversations import customer_reading
from conversations.customer_facts import SHANGHAI, Check, CustomerFacts, Given
from core.database import Database
from tests.integration.customers.people import known, order
from tests.support.clock import FakeClock
from tests.support.policies import POLICIES


class ForgetfulReader(customer_reading.CustomerReader):
    """Counts only what is in the database."""

    async def read(self, given: Given | None, now: datetime) -> CustomerFacts:
        self._wrong_tries = 0
        return await super().read(given, now)


@pytest.mark.parametrize(
    ("reader", "sixth"),
    [(customer_reading.CustomerReader, Check.TOO_MANY), (ForgetfulReader, Check.FITS)],
)
async def test_the_sixth_try_is_refused_before_the_first_is_written(
    reader: type[customer_reading.CustomerReader], sixth: Check, database: Database, clock: FakeClock
) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), phone="+8613800138000")
        await order(session, clock.now(), "T1001", customer)
    reading = reader(database, POLICIES.rulebook, "web", "guesser", SHANGHAI)
    for digits in ("0001", "0002", "0003", "0004", "0005"):
        facts = await reading.read(Given("T1001", digits), clock.now())
        assert facts.check is Check.WRONG
    assert (await reading.read(Given("T1001", "8000"), clock.now())).check is sixth
