"""A sender's minute is one minute, through however many processes the messages come."""

import asyncio
from datetime import timedelta

import pytest

from conversations.sender_limits import Share, spend
from core.database import Database
from core.errors import LimitExceeded
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db

ANN = Share("web visitor ann", 10, "messages")
HOUSE = Share("web address 192.0.2.1", 15, "messages from this address")


async def passes(database: Database, clock: FakeClock, *shares: Share) -> bool:
    try:
        async with database.write() as session:
            await spend(session, shares, clock.now())
    except LimitExceeded:
        return False
    return True


async def test_two_processes_at_once_let_through_what_one_would(database: Database, clock: FakeClock) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    tries = [passes(process, clock, ANN) for process in (database, other) for _ in range(20)]
    assert sum(await asyncio.gather(*tries)) == ANN.most
    await other.close()


async def test_what_is_refused_counts_for_nobody(database: Database, clock: FakeClock) -> None:
    """Ann may not go on, but what she tried is not taken from the others in the house."""
    bob = Share("web visitor bob", 10, "messages")
    assert [await passes(database, clock, ANN, HOUSE) for _ in range(14)] == [True] * 10 + [False] * 4
    assert [await passes(database, clock, bob, HOUSE) for _ in range(6)] == [True] * 5 + [False]


async def test_the_next_minute_begins_anew_and_says_when(database: Database, clock: FakeClock) -> None:
    once = Share("http:shop C-1", 1, "messages from this customer")
    began = clock.now()
    assert await passes(database, clock, once)
    clock.advance(20)
    with pytest.raises(LimitExceeded) as refused:
        async with database.write() as session:
            await spend(session, (once,), clock.now())
    assert refused.value.retry_after is not None
    assert began + timedelta(seconds=60) <= clock.now() + timedelta(seconds=refused.value.retry_after)
    clock.advance(refused.value.retry_after)
    assert await passes(database, clock, once)
