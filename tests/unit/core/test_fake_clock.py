"""The clock of the tests keeps what the real one promises."""

import asyncio

from core.clock import Clock
from tests.support.clock import MONDAY_MORNING, FakeClock


async def test_a_sleeper_wakes_when_its_time_has_come_and_not_before() -> None:
    fake = FakeClock()
    clock: Clock = fake
    sleeper = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    fake.advance(59)
    await asyncio.sleep(0)
    assert not sleeper.done()
    fake.advance(1)
    await sleeper
    assert (clock.now() - MONDAY_MORNING).total_seconds() == 60
