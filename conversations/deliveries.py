"""What goes out through a push channel, and what can become of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from conversations.values import DeliveryKind, MessageKind
from core.database import WriteSession

#: What somebody waits for goes before the rest; the smallest number first.
REPLY_PRIORITY = 1
DEFAULT_PRIORITY = 5
#: For the groups of agents.
OF_DESK = (DeliveryKind.DESK_POST, DeliveryKind.DESK_EDIT, DeliveryKind.TOPIC)
#: What is sent once more by itself when nobody knows whether it arrived.
ONCE_MORE = (DeliveryKind.REPLY, *OF_DESK)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDraft:
    """One call to a push channel, to be made at `due_at` and not after `expires_at`.

    `lane` is the chat whose order is kept. `dedupe_key` names the reason to send: it counts once, for ever.
    `owner_epoch` is the conversation's, for a bot's reply that a person's taking over makes void. `purpose`, `survey`:
    what a follow-up is for, as the contact policy counts it.
    """

    account: str
    lane: str
    kind: DeliveryKind
    payload: dict[str, Any]
    dedupe_key: str
    due_at: datetime
    message_id: int | None = None
    conversation_id: int | None = None
    customer_id: int | None = None
    priority: int = DEFAULT_PRIORITY
    expires_at: datetime | None = None
    part: int = 1
    parts: int = 1
    owner_epoch: int | None = None
    purpose: MessageKind | None = None
    survey: bool = False


@dataclass(frozen=True, slots=True)
class SendJob:
    """A claimed delivery. `resent`: it may have arrived before. `attempt` counts this try too."""

    id: int
    account: str
    lane: str
    kind: DeliveryKind
    payload: dict[str, Any]
    part: int
    parts: int
    attempt: int
    resent: bool
    due_at: datetime
    message_id: int | None
    conversation_id: int | None
    customer_id: int | None
    claim: str


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived; `external_id` is the channel's own id for it."""

    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class RetryAt:
    """The channel wants no calls for this account before `instant` (a 429). It was not sent; no attempt is burnt."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class NotYet:
    """This chat has its turn at `instant`; others need not wait for it. It was not sent; no attempt is burnt.

    `because`: what it waits for, when that is more than its turn.
    """

    instant: datetime
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel said no. Not permanent: it is tried again a few times. `reason` is a short stable word.

    With a reason of `UNREACHABLE` the customer counts as unreachable on this account.
    """

    reason: str
    permanent: bool = True


@dataclass(frozen=True, slots=True)
class NotWritten:
    """Nothing reached the channel (refused connection, no name): it is tried again until it expires."""

    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was written and nobody answered: it may have arrived or not."""

    detail: str


Outcome = Sent | RetryAt | NotYet | Refused | NotWritten | Unknown
BLOCKED = "blocked"
#: Reasons that hold for whatever is sent to the same person, until they write again.
UNREACHABLE = frozenset({BLOCKED, "deactivated", "not_found", "not_started"})


class Sender(Protocol):
    """Sends for one account. Failures that a channel can have are outcomes; an exception counts as `Unknown`."""

    async def send(self, job: SendJob) -> Outcome: ...


class Gate(Protocol):
    """The last look at claimed deliveries, inside the claim: those that may go out, with their words."""

    async def admit(self, session: WriteSession, jobs: Sequence[SendJob], now: datetime) -> list[SendJob]: ...
