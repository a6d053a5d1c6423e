"""How much one caller or one address may ask for in a minute. Kept in memory, in each process for itself."""

from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta

from core.clock import Clock
from core.errors import LimitExceeded

_SWEEP_EVERY = 10_000


class MinuteLimit:
    """At most `limit` events a minute for each key; the minute slides."""

    def __init__(self, clock: Clock, limit: int, what: str) -> None:
        self.limit = limit
        self._clock = clock
        self._what = what
        self._minute = timedelta(minutes=1)
        self._events: dict[Hashable, deque[datetime]] = {}
        self._until_sweep = _SWEEP_EVERY

    def check(self, key: Hashable) -> None:
        """Raises LimitExceeded when `key` has had its share; counts nothing."""
        seconds = self.seconds_until_free(key)
        if seconds:
            raise LimitExceeded(f"too many {self._what}: {self.limit} a minute; try again in {seconds} s", seconds)

    def count(self, key: Hashable) -> None:
        """Counts one event."""
        self._events.setdefault(key, deque()).append(self._clock.now())
        self._until_sweep -= 1
        if not self._until_sweep:
            self._sweep()

    def spend(self, key: Hashable) -> None:
        """Counts one event. Raises LimitExceeded, without counting, when it is one too many."""
        self.check(key)
        self.count(key)

    def seconds_until_free(self, key: Hashable) -> int:
        """0 while there is room; else the whole seconds until there is."""
        events = self._events.get(key)
        if not events:
            return 0
        now = self._clock.now()
        while events and now - events[0] >= self._minute:
            events.popleft()
        if len(events) < self.limit:
            return 0
        return int((events[0] + self._minute - now).total_seconds()) + 1

    def _sweep(self) -> None:
        """Forgets the keys that have been quiet for a minute."""
        self._until_sweep = _SWEEP_EVERY
        now = self._clock.now()
        self._events = {key: events for key, events in self._events.items() if now - events[-1] < self._minute}
