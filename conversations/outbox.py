"""What goes out to push channels: claimed, committed, sent, committed. One process sends for an account at a time."""

from collections.abc import Mapping

from conversations.deliveries import (
    BLOCKED,
    DEFAULT_PRIORITY,
    REPLY_PRIORITY,
    DeliveryDraft,
    NotWritten,
    Outcome,
    Refused,
    RetryAt,
    Sender,
    SendJob,
    Sent,
    Unknown,
)
from conversations.models import Delivery
from conversations.values import DeliveryState
from core import signals
from core.clock import Clock
from core.database import Database, WriteSession, upsert_ignore

__all__ = [
    "BLOCKED",
    "DEFAULT_PRIORITY",
    "REPLY_PRIORITY",
    "DeliveryDraft",
    "NotWritten",
    "OutboxLoop",
    "Outcome",
    "Refused",
    "RetryAt",
    "SendJob",
    "Sender",
    "Sent",
    "Unknown",
    "enqueue",
]


async def enqueue(session: WriteSession, *drafts: DeliveryDraft) -> None:
    """Puts deliveries into the outbox, to leave after the commit, in this order. A known `dedupe_key` is left alone."""
    if not drafts:
        return
    rows = [_row(draft) for draft in drafts]
    await session.execute(upsert_ignore(Delivery, session.get_bind().dialect.name).values(rows))
    session.signal(signals.OUTBOX)


def _row(draft: DeliveryDraft) -> dict[str, object]:
    values = {name: getattr(draft, name) for name in DeliveryDraft.__slots__}
    return {**values, "state": DeliveryState.PENDING, "attempt": 0, "resent": False}


class OutboxLoop:
    """Sends what is due for the accounts whose sending lease this process has. One instance a process."""

    def __init__(self, database: Database, clock: Clock, senders: Mapping[str, Sender], worker_id: str) -> None:
        self._database = database
        self._clock = clock
        self._senders = senders
        self._worker_id = worker_id

    async def run(self) -> None:
        """Works until `stop` is called (then finishes what it has begun) or the task is cancelled."""
        raise NotImplementedError

    def stop(self) -> None:
        """Sends nothing new; `run` returns once the calls in flight are answered and the leases given back."""
        raise NotImplementedError
