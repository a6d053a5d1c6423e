"""Telegram's flood control, switched on by a test; and whether the bot keeps the pause it was given."""

import math
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field

from tests.telegram_server.calls import Call

_FREE = {"sendChatAction"}


def messages_in(call: Call) -> int:
    """How many messages flood control counts for a call: an album counts each picture."""
    if call.method == "sendMediaGroup":
        return len(call.items("media"))
    counted = call.method.startswith(("send", "copy", "forward", "editMessage")) and call.method not in _FREE
    return int(counted)


@dataclass(slots=True)
class Window:
    """At most `limit` messages within any `seconds`; `slack` seconds are forgiven for the way through the network."""

    limit: int
    seconds: float
    slack: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float, amount: int) -> float:
        """Seconds until so many more fit; 0 when they do now. An album may always go into an empty window."""
        while self.times and self.times[0] <= now - self.seconds + self.slack:
            self.times.popleft()
        excess = len(self.times) + amount - self.limit
        if excess <= 0 or not self.times:
            return 0.0
        return self.times[min(excess, len(self.times)) - 1] + self.seconds - now

    def add(self, now: float, amount: int) -> None:
        self.times.extend([now] * amount)


@dataclass(slots=True)
class Bucket:
    """`rate` messages a second, and one second's worth at once: a stall of a busy machine is not the bot's fault."""

    rate: float
    level: float = field(init=False)
    since: float = 0.0

    def __post_init__(self) -> None:
        self.level = self.rate

    def wait(self, now: float, amount: int) -> float:
        """Seconds until so many fit; 0 when they do now."""
        self.level = min(self.rate, self.level + (now - self.since) * self.rate)
        self.since = now
        return max(0.0, (min(amount, self.rate) - self.level) / self.rate)

    def add(self, now: float, amount: int) -> None:
        self.level -= amount


@dataclass(frozen=True, slots=True)
class RandomFlood:
    """429 on a `share` of the calls, each with a pause of so many seconds."""

    share: float = 0.2
    shortest: int = 1
    longest: int = 60


@dataclass(slots=True)
class Pause:
    since: float
    until: float


@dataclass(slots=True)
class Limits:
    """Nothing is enforced before `enforce()`; `grace` seconds after a 429, calls that were under way are forgiven."""

    overall: float = 30
    per_chat: int = 1
    per_group: int = 20
    slack: float = 0.25
    grace: float = 0.5
    enforced: bool = False
    flood: RandomFlood | None = None
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    _overall: Bucket | None = None
    _windows: dict[str, Window] = field(default_factory=dict)
    _pauses: dict[int | None, Pause] = field(default_factory=lambda: defaultdict(lambda: Pause(0.0, 0.0)))

    def enforce(self, flood: RandomFlood | None = None) -> None:
        self.enforced, self.flood = True, flood

    def refuse(self, call: Call, is_group: bool, now: float) -> int | None:
        """The `retry_after` of the 429 that this call gets, or None: then it is counted."""
        amount = messages_in(call)
        if not amount:
            return None
        wait = self._paused(call.chat_id, now)
        if self.enforced and not wait:
            wait = self._flooded(call.chat_id, now, is_group, amount)
        if wait:
            return math.ceil(wait)
        if self.enforced:
            self._count(call.chat_id, is_group, now, amount)
        return None

    def is_violation(self, call: Call, now: float) -> bool:
        """Is this a call that was told to wait, and did not?"""
        pauses = (self._pauses[None], self._pauses[call.chat_id])
        return messages_in(call) > 0 and any(p.since + self.grace < now < p.until for p in pauses)

    def pause(self, chat_id: int | None, now: float, seconds: float) -> None:
        """From now on every message (of a chat, or of all with None) is told to wait."""
        self._pauses[chat_id] = Pause(now, now + seconds)

    def _paused(self, chat_id: int | None, now: float) -> float:
        return max(0.0, self._pauses[None].until - now, self._pauses[chat_id].until - now)

    def _flooded(self, chat_id: int | None, now: float, is_group: bool, amount: int) -> float:
        """Above a limit, or out of luck: the seconds of the new pause."""
        if self.flood and self.dice.random() < self.flood.share:
            unlucky = self.dice.randint(self.flood.shortest, self.flood.longest)
            self.pause(None, now, unlucky)
            return unlucky
        overall = self._bucket().wait(now, amount)
        wait = max(overall, *(window.wait(now, amount) for window in self._windows_for(chat_id, is_group)))
        if wait:
            self.pause(None if overall else chat_id, now, math.ceil(wait))
        return math.ceil(wait)

    def _count(self, chat_id: int | None, is_group: bool, now: float, amount: int) -> None:
        self._bucket().add(now, amount)
        for window in self._windows_for(chat_id, is_group):
            window.add(now, amount)

    def _bucket(self) -> Bucket:
        self._overall = self._overall or Bucket(self.overall)
        return self._overall

    def _windows_for(self, chat_id: int | None, is_group: bool) -> list[Window]:
        windows = [self._window(f"chat {chat_id}", self.per_chat, 1.0)]
        return windows + ([self._window(f"group {chat_id}", self.per_group, 60.0)] if is_group else [])

    def _window(self, name: str, limit: int, seconds: float) -> Window:
        return self._windows.setdefault(name, Window(limit, seconds, self.slack))
