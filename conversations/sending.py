"""One call to a channel: never longer than its lease, never during a pause, and whatever it raises is an outcome."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from conversations.deliveries import NotWritten, Outcome, RetryAt, Sender, SendJob, Unknown
from core.clock import Clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxPace:
    """How the outbox takes its time, in seconds. The lease on a delivery outlives the time-out of its call."""

    tick: float = 1.0
    call: float = 10.0
    lease: float = 15.0
    account_lease: float = 10.0


class Caller:
    """Makes the calls of one process, and remembers which accounts asked for a pause."""

    def __init__(self, clock: Clock, senders: Mapping[str, Sender], pace: OutboxPace) -> None:
        self._clock = clock
        self._senders = senders
        self._pace = pace
        self._paused: dict[str, datetime] = {}

    async def call(self, job: SendJob, lease_until: datetime) -> Outcome:
        now = self._clock.now()
        paused_until = self._paused.get(job.account)
        if paused_until and now < paused_until:
            return RetryAt(paused_until)
        if now + timedelta(seconds=self._pace.call) > lease_until:
            return NotWritten("the process stood still; the lease no longer covers the call")
        outcome = await self._try(job)
        if isinstance(outcome, RetryAt):
            self._paused[job.account] = max(outcome.instant, paused_until or outcome.instant)
        return outcome

    async def _try(self, job: SendJob) -> Outcome:
        try:
            async with asyncio.timeout(self._pace.call):
                return await self._senders[job.account].send(job)
        except TimeoutError:
            return Unknown("timeout")
        except Exception as error:  # a sender's fault tells nothing about what was written
            log.exception("outbox.sender_failed", delivery_id=job.id)
            return Unknown(f"{type(error).__name__}: {error}")
