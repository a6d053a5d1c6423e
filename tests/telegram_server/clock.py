"""Clocks for tests: one that can be set forward, so that 24 hours pass at once, and one that runs fast."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class ForwardClock:
    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, **amount: float) -> None:
        """Set it forward: `clock.forward(hours=24)`; the words are those of `timedelta`."""
        self._ahead += timedelta(**amount)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FastClock:
    """Runs `factor` times as fast as the machine's, for bot and server alike: minutes of pauses take seconds.

    `TelegramServer(clock, monotonic=clock.monotonic)`
    """

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._began_at = datetime.now(UTC)
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._began_at + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._factor

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)
