"""Waking those who wait for a commit: in this process at once, in others through the database.

A signal is a hint, never a fact: whoever wakes reads the database, and everybody also looks now and then unasked,
so that a lost signal costs a moment and nothing else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

INBOX = "inbox"
OUTBOX = "outbox"
MESSAGES = "messages"
CONVERSATIONS = "conversations"
KNOWLEDGE = "knowledge"
RULES = "rules"
SHOP = "shop"
CUSTOMERS = "customers"
TICKETS = "tickets"
ERASED = "erased"
TASKS = "tasks"
HELD = "held"
STAFF = "staff"
DESK = "desk"


@dataclass(frozen=True, slots=True)
class Signal:
    """`key` narrows the topic (a conversation's id); None means that anything under the topic may have changed."""

    topic: str
    key: str | None = None

    def encode(self) -> str:
        return self.topic if self.key is None else f"{self.topic}:{self.key}"

    @classmethod
    def decode(cls, text: str) -> "Signal":
        topic, _, key = text.partition(":")
        return cls(topic, key or None)


@dataclass(slots=True, eq=False)
class Subscription:
    """Collects the signals that arrived since the last `wait`."""

    _event: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: set[Signal] = field(default_factory=set)

    def deliver(self, signal: Signal) -> None:
        self._seen.add(signal)
        self._event.set()

    async def wait(self, timeout: float) -> frozenset[Signal]:
        """The signals since the last call; empty when `timeout` seconds passed without one."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return frozenset()
        self._event.clear()
        seen, self._seen = self._seen, set()
        return frozenset(seen)


class Signals:
    """The signals of one process: sent by `core.database` with each commit, and by a listener for other processes."""

    def __init__(self) -> None:
        self._by_topic: dict[str, set[Subscription]] = defaultdict(set)
        self._by_key: dict[Signal, set[Subscription]] = defaultdict(set)

    @contextmanager
    def subscribe(self, *signals: Signal | str) -> Iterator[Subscription]:
        """Receives a whole topic (given as text) or one key of a topic."""
        subscription = Subscription()
        wanted = [signal if isinstance(signal, Signal) else Signal(signal) for signal in signals]
        for signal in wanted:
            self._group(signal).add(subscription)
        try:
            yield subscription
        finally:
            for signal in wanted:
                self._group(signal).discard(subscription)
                if signal.key is not None and not self._by_key[signal]:
                    del self._by_key[signal]

    def _group(self, signal: Signal) -> set[Subscription]:
        return self._by_topic[signal.topic] if signal.key is None else self._by_key[signal]

    def send(self, signal: Signal) -> None:
        """Wakes the subscribers of the topic and of the key; without a key, of every key under the topic."""
        for subscription in self._by_topic.get(signal.topic, ()):
            subscription.deliver(signal)
        keyed = (
            [subs for of, subs in self._by_key.items() if of.topic == signal.topic]
            if signal.key is None
            else [self._by_key.get(signal, set())]
        )
        for group in keyed:
            for subscription in group:
                subscription.deliver(signal)

    def send_all(self) -> None:
        """Wakes everybody: another process committed, nobody knows what."""
        for topic in {*self._by_topic, *(signal.topic for signal in self._by_key)}:
            self.send(Signal(topic))
