"""A clock that stands still until a test moves it."""

import asyncio
from datetime import UTC, datetime, timedelta

#: A Monday morning, 10:00 in Hangzhou.
MONDAY_MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class FakeClock:
    """`advance` moves the time and wakes whoever slept that long."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float = 0, **parts: float) -> None:
        """By seconds, or as `timedelta` counts: `advance(hours=2)`."""
        self._now += timedelta(seconds=seconds, **parts)
        for until, woken in self._sleepers:
            if until <= self._now:
                woken.set()

    async def sleep(self, seconds: float) -> None:
        sleeper = (self._now + timedelta(seconds=seconds), asyncio.Event())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1].wait()
        finally:
            self._sleepers.remove(sleeper)
