"""What the inbox and outbox loops share: rounds of work, woken by signals, that outlive a database that goes away."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.clock import Clock
from core.database import Database
from core.signals import Signal, Subscription

log = structlog.get_logger(__name__)

#: A round that takes longer than this has lost its database without being told.
_ROUND_SECONDS = 30.0
_LONGEST_WAIT = 5.0


class RoundLoop(ABC):
    """A round after each signal of `topic`, and after `tick_seconds` without one, until stopped."""

    def __init__(self, database: Database, clock: Clock, topic: str, tick_seconds: float) -> None:
        self._database = database
        self._clock = clock
        self._topic = topic
        self._tick_seconds = tick_seconds
        self._stopping = False
        self._wake = Subscription()
        self._failures = 0

    async def run(self) -> None:
        """Works until `stop` is called (then finishes what it has begun) or the task is cancelled."""
        with self._database.signals.subscribe(self._topic) as self._wake:
            async with asyncio.TaskGroup() as self._tasks:
                while not self._stopping:
                    await self._try_round()
                    await self._rest()
            await self._close()

    def stop(self) -> None:
        """Begins nothing new; `run` returns once what was begun is finished."""
        self._stopping = True
        self._wake_up()

    @abstractmethod
    async def _round(self) -> None:
        """Takes what there is to do and starts it."""

    @abstractmethod
    def _is_worth_a_round(self, signals: frozenset[Signal]) -> bool:
        """Whether the signals (none: the tick) tell of something that can be begun now."""

    async def _close(self) -> None:
        """Leaves things tidy after a drain."""
        return

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.create_task(work)

    def _wake_up(self) -> None:
        self._wake.deliver(Signal(self._topic))

    def _wake_up_at(self, instant: datetime) -> None:
        seconds = max(0.0, (instant - self._clock.now()).total_seconds())
        asyncio.get_running_loop().call_later(seconds, self._wake_up)

    async def _rest(self) -> None:
        while not self._stopping:
            if self._is_worth_a_round(await self._wake.wait(self._tick_seconds)):
                return

    async def _try_round(self) -> None:
        try:
            async with asyncio.timeout(_ROUND_SECONDS):
                await self._round()
        except Exception as error:
            self._failures += 1
            log.warning(f"{self._topic}.round_failed", error=repr(error), failures=self._failures)
            await self._clock.sleep(min(_LONGEST_WAIT, 0.1 * 2**self._failures))
            self._wake_up()
        else:
            self._failures = 0


class Every:
    """Says when something that is done now and then is due again."""

    def __init__(self, seconds: float) -> None:
        self.pause = timedelta(seconds=seconds)
        self._next: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        return self._next is None or now >= self._next

    def done(self, now: datetime) -> None:
        self._next = now + self.pause

    def hasten(self) -> None:
        """It is due at once."""
        self._next = None
