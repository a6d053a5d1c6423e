"""A stand-in for a channel that is polled: it hands an event out again until it is confirmed, and then no more."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Feed:
    """`total` events, `per_second` of them, spread over `lanes` chats. What was confirmed is a file, as on a server."""

    folder: Path
    total: int
    per_second: float
    lanes: int

    def open(self) -> None:
        """The events begin to come."""
        self._started.write_text(str(time.time()))
        self._confirmed.write_text("0")
        self.let_through(self.total)

    def let_through(self, most: int) -> None:
        """No more than so many come until it is called again."""
        unfinished = self._most.with_suffix(".new")
        unfinished.write_text(str(most))
        unfinished.replace(self._most)

    def poll(self, most: int = 10) -> list[int]:
        """The oldest unconfirmed events, as numbers from 0."""
        due = int((time.time() - float(self._started.read_text())) * self.per_second)
        there = min(self.total, int(self._most.read_text()), due)
        first = self.confirmed
        return list(range(first, min(there, first + most)))

    def confirm(self, number: int) -> None:
        """Everything up to `number` is never handed out again."""
        unfinished = self._confirmed.with_suffix(f".{os.getpid()}")
        unfinished.write_text(str(number + 1))
        unfinished.replace(self._confirmed)

    @property
    def is_over(self) -> bool:
        return self.confirmed >= self.total

    @property
    def confirmed(self) -> int:
        """How many events are never handed out again."""
        return int(self._confirmed.read_text())

    @property
    def _started(self) -> Path:
        return self.folder / "started"

    @property
    def _most(self) -> Path:
        return self.folder / "most"

    @property
    def _confirmed(self) -> Path:
        return self.folder / "confirmed"
