"""What was said (timeline), what is to be sent (outbox), what came in (inbox), and who may poll and send (leases)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from conversations.values import (
    Attachment,
    Author,
    Button,
    DeliveryKind,
    DeliveryState,
    InboxState,
    MessageKind,
    Owner,
)
from core.columns import ADDRESS, ERASE, NONE, QUOTES, Json, enum_column, erased_as
from core.database import Base, BigId


def _partial_index(name: str, *columns: str, where: str) -> Index:
    """An index over the few rows that are not finished, however many are."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Account(Base):
    """Where messages come from: `telegram:BOT`, `web`, `terminal`, `http:NAME`.

    `paused_until` is the one stored instant before which nothing is sent (a 429).
    """

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    paused_until: Mapped[datetime | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Conversation(Base):
    """One customer's talk on one account. `owner_epoch` moves when the owner changes; `version` with every step.

    `ticket_id`: the case that is talked about, live or lately ended; whoever has it speaks. `answer_by`: the time of an
    answer that the customer was told last and that is still owed.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("account", "identity_id"),
        Index("ix_conversation_owner_last_at", "owner", "last_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.name"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("channel_identity.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    owner: Mapped[Owner] = mapped_column(
        enum_column(Owner), default=Owner.BOT, info=erased_as(waiting="bot", taken="bot")
    )
    owner_epoch: Mapped[int] = mapped_column(default=0)
    owner_since: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    answer_by: Mapped[datetime | None] = mapped_column(index=True)
    language: Mapped[str | None] = mapped_column(String(8), info=NONE)
    chosen_language: Mapped[bool] = mapped_column(default=False)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict, info=ERASE)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    seen_seq: Mapped[int] = mapped_column(default=0)
    unanswered_since: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class Message(Base):
    """One thing said. `seq` grows within the conversation; `answer_to` is the inbox event that this answers.

    A customer's own has there the first event of its batch: what answers that answers this one too. `client_id` is the
    sender's own id; `replaces_id` points at the message that this one edits (empty text: taken back).
    `quote`: the part that was picked out of the message `reply_to_id`. `ticket_id`: the ticket that it is about.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_message_conversation_id_client_id", "conversation_id", "client_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    client_id: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    author: Mapped[Author] = mapped_column(enum_column(Author))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    name: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    kind: Mapped[MessageKind | None] = mapped_column(enum_column(MessageKind))
    text: Mapped[str] = mapped_column(Text, info=ERASE)
    buttons: Mapped[list[Button]] = mapped_column(Json(list[Button]), default=list, info=ERASE)
    attachments: Mapped[list[Attachment]] = mapped_column(Json(list[Attachment]), default=list, info=ERASE)
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    quote: Mapped[str | None] = mapped_column(Text, info=ERASE)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    answer_to: Mapped[int | None] = mapped_column(ForeignKey("inbox_event.id"), index=True)
    article: Mapped[str | None] = mapped_column(String(200), info=NONE)
    article_language: Mapped[str | None] = mapped_column(String(8), info=NONE)
    article_version: Mapped[int | None]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]


class InboxEvent(Base):
    """A raw event, stored before anything is decided about it. (account, external_id) is what makes it count once.

    `batch_id` is the first event of those that were read together; the answers hang on that one. `claim` names the
    worker's turn that handles it; whoever finds another name there has lost it. A failed event waits until `due_at`.
    """

    __tablename__ = "inbox_event"
    __table_args__ = (
        UniqueConstraint("account", "external_id"),
        _partial_index("ix_inbox_event_live_lane", "account", "lane", "id", where="state IN ('pending', 'working')"),
        _partial_index("ix_inbox_event_pending", "id", where="state = 'pending'"),
        _partial_index("ix_inbox_event_parked", "id", where="state = 'parked'"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.name"))
    external_id: Mapped[str] = mapped_column(String(250), info=ERASE)
    lane: Mapped[str] = mapped_column(String(330), info=ADDRESS)
    raw: Mapped[dict[str, Any]] = mapped_column(info=QUOTES)
    fingerprint: Mapped[str | None] = mapped_column(String(64), info=ERASE)
    state: Mapped[InboxState] = mapped_column(
        enum_column(InboxState), default=InboxState.PENDING, info=erased_as(pending="dismissed", parked="dismissed")
    )
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(String(120), info=NONE)
    batch_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    error: Mapped[str | None] = mapped_column(Text, info=ERASE)
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Delivery(Base):
    """One call to a push channel. `lane` keeps the order of a chat; `dedupe_key` makes a reason to send count once.

    `owner_epoch` is the conversation's at the time of writing: a bot's word is skipped when a person took over since.
    `due_at` is when it should go out; a failed try waits until `retry_at` and keeps its place in the lane meanwhile.
    `claim` names the worker's turn that sends it. `purpose`, `survey`: what a follow-up is for; `admitted_at`: when the
    contact policy let it out, from when on it counts against the caps.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        _partial_index("ix_delivery_live_lane", "account", "lane", "id", where="state IN ('pending', 'sending')"),
        _partial_index("ix_delivery_pending", "priority", "id", where="state = 'pending'"),
        _partial_index("ix_delivery_troubled", "id", where="state IN ('failed', 'unknown')"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.name"))
    lane: Mapped[str] = mapped_column(String(330), info=ADDRESS)
    kind: Mapped[DeliveryKind] = mapped_column(enum_column(DeliveryKind))
    part: Mapped[int] = mapped_column(default=1)
    parts: Mapped[int] = mapped_column(default=1)
    payload: Mapped[dict[str, Any]] = mapped_column(info=ERASE)
    dedupe_key: Mapped[str] = mapped_column(String(250), unique=True, info=NONE)
    priority: Mapped[int] = mapped_column(default=5)
    owner_epoch: Mapped[int | None]
    state: Mapped[DeliveryState] = mapped_column(
        enum_column(DeliveryState),
        default=DeliveryState.PENDING,
        info=erased_as(pending="skipped", failed="skipped", unknown="skipped"),
    )
    because: Mapped[str | None] = mapped_column(String(80), info=NONE)
    attempt: Mapped[int] = mapped_column(default=0)
    resent: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(String(120), info=NONE)
    external_id: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    sent_at: Mapped[datetime | None]
    purpose: Mapped[MessageKind | None] = mapped_column(enum_column(MessageKind))
    survey: Mapped[bool] = mapped_column(default=False, server_default=false())
    admitted_at: Mapped[datetime | None]


class OutboxHold(Base):
    """Its one row is there while all sending is held, as after a restore."""

    __tablename__ = "outbox_hold"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    held_by: Mapped[str] = mapped_column(String(80))
    held_at: Mapped[datetime]


class FollowUpHold(Base):
    """Its one row is there while everything that the shop says first is held."""

    __tablename__ = "follow_up_hold"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    held_by: Mapped[str] = mapped_column(String(80))
    held_at: Mapped[datetime]


class Lease(Base):
    """The right to do one thing alone (poll or send for a bot). `fence` grows with each holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(160), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    fence: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime]


class SenderMinute(Base):
    """How many messages a sender, named by a digest, has sent since the first of a minute. Older than that: nothing."""

    __tablename__ = "sender_minute"

    key: Mapped[str] = mapped_column(String(64), primary_key=True, info=NONE)
    since: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]
