"""What comes in: stored once and committed before anybody confirms it, then handled lane by lane, in order.

A lane (one chat of one account) has one worker at a time among all processes. An event is done in the transaction of
its effects; when a worker dies its lease runs out and the event is handled again, so that effects happen once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from conversations.batches import Batch, Decoder, Handler, Item, LostClaim, StoredEvent, Undecodable
from conversations.models import InboxEvent
from conversations.values import InboxState
from core import signals
from core.clock import Clock
from core.database import Database, WriteSession, upsert_ignore

__all__ = [
    "Batch",
    "Decoder",
    "Handler",
    "InboxLoop",
    "Item",
    "LostClaim",
    "Received",
    "StoredEvent",
    "Undecodable",
    "receive",
]


@dataclass(frozen=True, slots=True)
class Received:
    """An event's row. Not new: it came before; `same_body` says whether with the same fingerprint."""

    id: int
    is_new: bool
    state: InboxState
    batch_id: int | None
    same_body: bool


async def receive(
    session: WriteSession,
    *,
    account: str,
    external_id: str,
    lane: str,
    raw: dict[str, Any],
    now: datetime,
    fingerprint: str | None = None,
) -> Received:
    """Stores an event unless (account, external_id) is known. Confirm it to its sender only after the commit.

    `fingerprint` tells a repetition from another message under a used id.
    """
    values = {
        "account": account,
        "external_id": external_id,
        "lane": lane,
        "raw": raw,
        "fingerprint": fingerprint,
        "state": InboxState.PENDING,
        "due_at": now,
        "received_at": now,
        "attempt": 0,
    }
    insert = upsert_ignore(InboxEvent, session.get_bind().dialect.name).values(values).returning(InboxEvent.id)
    new_id = (await session.execute(insert)).scalar_one_or_none()
    if new_id is None:
        return await _known(session, account, external_id, fingerprint)
    session.signal(signals.INBOX, lane_key(account, lane))
    return Received(new_id, True, InboxState.PENDING, None, True)


async def _known(session: WriteSession, account: str, external_id: str, fingerprint: str | None) -> Received:
    columns = (InboxEvent.id, InboxEvent.state, InboxEvent.batch_id, InboxEvent.fingerprint)
    query = select(*columns).where(InboxEvent.account == account, InboxEvent.external_id == external_id)
    row = (await session.execute(query)).one()
    return Received(row.id, False, row.state, row.batch_id, row.fingerprint == fingerprint)


def lane_key(account: str, lane: str) -> str:
    """What a lane is called in signals."""
    return f"{account} {lane}"


class InboxLoop:
    """Claims lanes with waiting events and gives each to the handler. One instance a process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        decoders: Mapping[str, Decoder],
        handler: Handler,
        worker_id: str,
        lanes_at_once: int = 8,
    ) -> None:
        self._database = database
        self._clock = clock
        self._decoders = decoders
        self._handler = handler
        self._worker_id = worker_id
        self._lanes_at_once = lanes_at_once

    async def run(self) -> None:
        """Works until `stop` is called (then finishes what it has begun) or the task is cancelled."""
        raise NotImplementedError

    def stop(self) -> None:
        """Takes nothing new; `run` returns once the lanes in work are done."""
        raise NotImplementedError
