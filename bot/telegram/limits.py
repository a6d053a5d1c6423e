"""How fast a bot may send: evenly over all chats, slower to one, slower still to a group, and not at all in a pause.

Telegram allows about 30 messages a second in all, one a second to a chat and 20 a minute to a group. Both ends count,
with a network between them: so we stay a little below, and space calls evenly rather than in bursts.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from core.clock import Clock
from core.tasks import end

_FORGET_ABOVE = 5_000


@dataclass(frozen=True, slots=True)
class Rates:
    """`burst`: how many messages may follow each other at once, to catch up after a late wake-up."""

    per_second: float = 28.5
    burst: int = 2
    chat_gap: timedelta = timedelta(seconds=1.05)
    per_group: int = 20
    group_span: timedelta = timedelta(seconds=61)


@dataclass(frozen=True, slots=True)
class Wait:
    """No call before `until`: to anybody (`everybody`: a 429), or to this chat."""

    until: datetime
    everybody: bool = False


@dataclass(slots=True)
class Book:
    """When what was sent, and hence when the next may go. `amount`: an album counts each picture."""

    rates: Rates
    _all_free_at: datetime | None = None
    _chat_free_at: dict[int, datetime] = field(default_factory=dict)
    _group_times: dict[int, deque[datetime]] = field(default_factory=dict)

    def earliest(self, chat_id: int, now: datetime, amount: int = 1) -> datetime:
        """The first instant at which a message to this chat may go."""
        return max(self.overall(now), self.chat_free_at(chat_id, now, amount))

    def overall(self, now: datetime) -> datetime:
        ahead = timedelta(seconds=(self.rates.burst - 1) / self.rates.per_second)
        return max(now, (self._all_free_at or now) - ahead)

    def chat_free_at(self, chat_id: int, now: datetime, amount: int = 1) -> datetime:
        free_at = max(now, self._chat_free_at.get(chat_id, now))
        times = self._group_times.get(chat_id, deque())
        excess = len(times) + amount - self.rates.per_group
        if excess > 0 and times:
            free_at = max(free_at, times[min(excess, len(times)) - 1] + self.rates.group_span)
        return free_at

    def enter(self, chat_id: int, now: datetime, amount: int = 1) -> None:
        interval = timedelta(seconds=amount / self.rates.per_second)
        self._all_free_at = max(now, self._all_free_at or now) + interval
        self._chat_free_at[chat_id] = now + self.rates.chat_gap * amount
        if chat_id < 0:
            self._enter_group(chat_id, now, amount)
        if len(self._chat_free_at) > _FORGET_ABOVE:
            self._forget(now)

    def _enter_group(self, chat_id: int, now: datetime, amount: int) -> None:
        times = self._group_times.setdefault(chat_id, deque(maxlen=self.rates.per_group))
        times.extend([now] * amount)

    def _forget(self, now: datetime) -> None:
        self._chat_free_at = {chat: at for chat, at in self._chat_free_at.items() if at > now}


@dataclass(order=True, slots=True)
class _Waiting:
    priority: int
    number: int
    chat_id: int = field(compare=False)
    amount: int = field(compare=False)
    latest: datetime = field(compare=False)
    answer: asyncio.Future[Wait | None] = field(compare=False)


class RateLimiter:
    """Gives out turns: the smallest priority number first, then first come, first served.

    Who waits for a chat of its own lets the others pass. In memory, since one process sends for a bot.
    """

    def __init__(self, clock: Clock, rates: Rates | None = None) -> None:
        self._clock = clock
        self._book = Book(rates or Rates())
        self._paused_until: datetime | None = None
        self._waiting: list[_Waiting] = []
        self._numbers = count()
        self._alarm: asyncio.Task[None] | None = None

    def pause(self, until: datetime) -> None:
        """Nobody sends before `until`; a later pause is not shortened."""
        self._paused_until = max(until, self._paused_until or until)
        self._serve()

    async def turn(self, chat_id: int, priority: int, patience: timedelta, amount: int = 1) -> Wait | None:
        """None: send now, it is counted. Wait: the turn does not come within `patience`, or a pause has begun."""
        with self._in_line(chat_id, priority, patience, amount) as mine:
            self._serve()
            answer = await mine.answer
        # Between the turn's being given and its being taken somebody else may have been told to wait.
        return answer or self._pause_at(self._clock.now())

    async def close(self) -> None:
        if self._alarm:
            await end(self._alarm)

    @contextmanager
    def _in_line(self, chat_id: int, priority: int, patience: timedelta, amount: int) -> Iterator[_Waiting]:
        latest = self._clock.now() + patience
        answer: asyncio.Future[Wait | None] = asyncio.get_running_loop().create_future()
        mine = _Waiting(priority, next(self._numbers), chat_id, amount, latest, answer)
        self._waiting.append(mine)
        try:
            yield mine
        finally:
            self._waiting = [other for other in self._waiting if other is not mine]

    def _serve(self) -> None:
        """Answer everybody whose answer is known now, and set the alarm for the next who may go."""
        now = self._clock.now()
        for waiting in sorted(self._open()):
            self._answer(waiting, now)
        self._set_alarm(now)

    def _answer(self, waiting: _Waiting, now: datetime) -> None:
        if pause := self._pause_at(now):
            return waiting.answer.set_result(pause)
        free_at = self._book.earliest(waiting.chat_id, now, waiting.amount)
        if free_at <= now:
            self._book.enter(waiting.chat_id, now, waiting.amount)
            waiting.answer.set_result(None)
        elif free_at > waiting.latest:
            waiting.answer.set_result(Wait(free_at))

    def _pause_at(self, now: datetime) -> Wait | None:
        until = self._paused_until
        return Wait(until, everybody=True) if until is not None and now < until else None

    def _open(self) -> list[_Waiting]:
        return [waiting for waiting in self._waiting if not waiting.answer.done()]

    def _set_alarm(self, now: datetime) -> None:
        """Wakes up for whoever may go first; who is asleep then is woken by each new arrival, too."""
        if self._alarm:
            self._alarm.cancel()
        due = [self._book.earliest(waiting.chat_id, now, waiting.amount) for waiting in self._open()]
        self._alarm = asyncio.create_task(self._ring(min(due) - now)) if due else None

    async def _ring(self, after: timedelta) -> None:
        await self._clock.sleep(after.total_seconds())
        self._alarm = None
        self._serve()
