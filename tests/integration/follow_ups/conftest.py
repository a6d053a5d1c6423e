"""The shop of follow-ups on a fresh database."""

import pytest

from core.database import Database
from tests.integration.follow_ups.shop import FollowUpShop
from tests.support.clock import FakeClock


@pytest.fixture
def shop(database: Database, clock: FakeClock) -> FollowUpShop:
    """It is Monday, eleven in the morning in Hangzhou."""
    clock.advance(hours=1)
    return FollowUpShop(database, clock.now())
