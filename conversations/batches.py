"""What a lane's worker is given: the events of one chat that wait, in order, and the claim under which it has them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from conversations import inbox_rows
from conversations.values import Event
from core.database import WriteSession
from core.errors import Conflict


class Undecodable(Exception):
    """The raw event makes no sense to its channel's decoder. It is parked, and never stops the next one."""


class LostClaim(Conflict):
    """The lease ran out and another worker has the batch now; whatever this one did must be rolled back."""

    code = "lost_claim"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An inbox row as it was received. `attempt` counts how often it was claimed, this time included."""

    id: int
    account: str
    external_id: str
    lane: str
    raw: dict[str, Any]
    received_at: datetime
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One decoded event; `id` is its inbox row, `external_id` the sender's own id."""

    id: int
    external_id: str
    event: Event
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of one lane that waited when the worker came, oldest first; kinds may be mixed."""

    account: str
    lane: str
    items: tuple[Item, ...]
    claim: str = field(default="", repr=False)

    def apart(self) -> tuple["Batch", ...]:
        """A batch for each message; the parts of an album stay together."""
        parts = groupby(self.items, key=lambda item: getattr(item.event, "album", None) or item.id)
        return tuple(replace(self, items=tuple(items)) for _, items in parts)

    async def complete(self, session: WriteSession, now: datetime) -> None:
        """Marks the events done within the handler's own transaction, so that they and its effects commit together.

        Raises:
            LostClaim: another worker has them now; let the transaction fail.
        """
        ids = [item.id for item in self.items]
        if await inbox_rows.mark_done(session, self.claim, ids, now) != len(ids):
            raise LostClaim(f"the events {ids} of {self.account} are no longer this worker's")


#: Reads a channel's raw event. Raises Undecodable.
Decoder = Callable[[StoredEvent], Event]
#: Answers a batch and completes it. Its result is of no interest to the loop.
Handler = Callable[[Batch], Awaitable[object]]
