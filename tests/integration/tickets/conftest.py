"""The shop, on each database that a test runs on."""

import pytest

from core.database import Database
from tests.integration.tickets.shop import TicketShop
from tests.support.clock import FakeClock


@pytest.fixture
def shop(database: Database, clock: FakeClock) -> TicketShop:
    """Monday, ten in the morning; the clock stands still."""
    return TicketShop(database, clock)
