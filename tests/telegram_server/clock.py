"""A clock that runs with the machine's and can be set forward, so that 24 hours or 150 seconds pass at once."""

import asyncio
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
