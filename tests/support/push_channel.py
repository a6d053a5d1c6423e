"""A push channel for tests: a sender, and a journal of what reached the other side that outlives a killed worker."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from conversations.deliveries import BLOCKED, NotWritten, Outcome, Refused, RetryAt, SendJob, Sent, Unknown
from core.clock import Clock

#: How long a 429 asks to wait, in seconds.
RETRY_AFTER = 0.3


class Fault(StrEnum):
    TOO_MANY = "429"
    BLOCKED = "403"
    REFUSED = "connection refused"
    TIMEOUT_BEFORE = "time-out before the write"
    TIMEOUT_AFTER = "time-out after the write"
    RESET_BEFORE = "reset before it arrived"
    RESET_AFTER = "reset after it arrived"
    SILENCE = "written and never answered"


#: What the other side got although the sender was told nothing.
_ARRIVED = (Fault.TIMEOUT_AFTER, Fault.RESET_AFTER, Fault.SILENCE)
#: What the sender can prove not to have been written: no connection came about.
_NEVER_WRITTEN = (Fault.REFUSED, Fault.TIMEOUT_BEFORE)


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the server saw it. `arrived`: the customer has the message. `too_early`: during a 429's pause."""

    delivery: int
    account: str
    lane: str
    payload: dict[str, Any]
    resent: bool
    fault: Fault | None
    arrived: bool
    too_early: bool


class Journal:
    """Lines in a file, appended in one write each: killing a writer loses none that was written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: dict[str, Any]) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, json.dumps(entry).encode() + b"\n")
        finally:
            os.close(handle)

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def calls(self) -> list[Call]:
        return [Call(**{**entry, "fault": entry["fault"] and Fault(entry["fault"])}) for entry in self.entries()]

    def arrived(self) -> list[Call]:
        """What customers have, in the order in which they got it."""
        return [call for call in self.calls() if call.arrived]

    def arrivals(self) -> Counter[int]:
        """How often each delivery arrived."""
        return Counter(call.delivery for call in self.arrived())


class PushChannel:
    """A Sender. Each call meets the next of `faults`, or none when they are used up; `latency` in seconds."""

    def __init__(
        self, journal: Journal, clock: Clock, faults: Iterable[Fault | None] = (), latency: float = 0.0
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._faults: Iterator[Fault | None] = iter(faults)
        self._latency = latency
        self._closed_until: datetime | None = None

    async def send(self, job: SendJob) -> Outcome:
        fault = next(self._faults, None)
        arrived = fault is None or fault in _ARRIVED
        self._write(job, fault, arrived)
        if self._latency:
            await asyncio.sleep(self._latency)
        if fault is Fault.SILENCE:
            await asyncio.Event().wait()
        return self._outcome(job, fault)

    def _write(self, job: SendJob, fault: Fault | None, arrived: bool) -> None:
        too_early = self._closed_until is not None and self._clock.now() < self._closed_until
        call = Call(job.id, job.account, job.lane, job.payload, job.resent, fault, arrived, too_early)
        self._journal.append(asdict(call))

    def _outcome(self, job: SendJob, fault: Fault | None) -> Outcome:
        if fault is None:
            return Sent(f"push-{job.id}")
        if fault is Fault.TOO_MANY:
            self._closed_until = self._clock.now() + timedelta(seconds=RETRY_AFTER)
            return RetryAt(self._closed_until)
        if fault is Fault.BLOCKED:
            return Refused(BLOCKED)
        return NotWritten(fault.value) if fault in _NEVER_WRITTEN else Unknown(fault.value)


def random_faults(seed: int, share: float, kinds: Iterable[Fault]) -> Iterator[Fault | None]:
    """Without end: each call fails with probability `share`, in one of `kinds`."""
    random, choices = Random(seed), list(kinds)
    while True:
        yield random.choice(choices) if random.random() < share else None
