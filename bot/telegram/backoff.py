"""Waiting after failures: a little longer each time."""

from core.clock import Clock


class Backoff:
    """`longest` bounds the wait, so that what comes back is noticed soon. All in seconds."""

    def __init__(self, clock: Clock, first: float = 0.25, longest: float = 5.0) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._failures = 0

    async def wait(self, at_least: float = 0.0) -> None:
        pause = min(self._longest, self._first * 2**self._failures)
        self._failures += 1
        await self._clock.sleep(max(pause, at_least))

    def reset(self) -> None:
        self._failures = 0
