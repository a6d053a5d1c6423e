"""Tickets, their timelines and the clocks of what was promised about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from core.columns import ERASE, NONE, JsonColumn, enum_column, erased_as
from core.database import Base, BigId
from tickets.values import (
    Count,
    EventType,
    Resolution,
    Severity,
    Source,
    Target,
    TicketKind,
    TicketStatus,
)

#: The first ticket is number 1001: four to six digits, which can be said on the phone.
FIRST_NUMBER = 1001
_CLOSED = TicketStatus.CLOSED.value
#: Clocks that the sweep has to look at.
RUNNING = "since IS NOT NULL AND breached_at IS NULL"
#: Given words that still bind.
OPEN_WORD = "kept_at IS NULL AND passed_at IS NULL"


def id_of(number: int) -> int:
    """The row's id of a ticket's number."""
    return number - FIRST_NUMBER + 1


class Ticket(Base):
    """A complaint, question, suggestion or praise. `version` counts what people edit; clocks and scores live elsewhere.

    `severity_kept`, `priority_kept`: a person has set it, no rule changes it any more. `identity_id`: the address that
    the customer wrote from. `order_verified`: the order is the customer's own for certain. `spoke_at`, `answered_at`:
    the last words of the customer and of ours; `waiting_since`: of the first of theirs that is not answered.
    `words`: ids of the rules' groups of words that they used. `escalated_to`: the highest level that has heard of it.
    `assigned_by`: who gave it to the assignee (their own name: taken), `rules` for the product itself; `reacted_at`:
    the assignee's first sign since. `passed_over`: names of those who had it from the rules and did not react.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_customer_id_opened_at", "customer_id", "opened_at"),
        Index("ix_ticket_status_priority", "status", "priority"),
        Index("ix_ticket_status_status_at", "status", "status_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[TicketKind] = mapped_column(enum_column(TicketKind))
    status: Mapped[TicketStatus] = mapped_column(
        enum_column(TicketStatus), info=erased_as(new=_CLOSED, open=_CLOSED, pending=_CLOSED, on_hold=_CLOSED)
    )
    resolution: Mapped[Resolution | None] = mapped_column(enum_column(Resolution))
    severity: Mapped[Severity] = mapped_column(enum_column(Severity))
    severity_kept: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[int]
    priority_kept: Mapped[bool] = mapped_column(default=False)
    category: Mapped[str | None] = mapped_column(String(60), info=NONE)
    subject: Mapped[str] = mapped_column(String(200), info=ERASE)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("channel_identity.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    order_verified: Mapped[bool] = mapped_column(default=False)
    words: Mapped[list[str]] = mapped_column(default=list, info=NONE)
    source: Mapped[Source] = mapped_column(enum_column(Source))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    assigned_by: Mapped[str | None] = mapped_column(String(80), info=NONE)
    assigned_at: Mapped[datetime | None]
    reacted_at: Mapped[datetime | None]
    passed_over: Mapped[list[str]] = mapped_column(default=list, info=NONE)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    tags: Mapped[list[str]] = mapped_column(default=list, info=ERASE)
    root_cause: Mapped[str | None] = mapped_column(String(60), index=True, info=NONE)
    waiting_for: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    waiting_until: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None] = mapped_column(index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    reopened: Mapped[int] = mapped_column(default=0)
    score: Mapped[int | None]
    score_words: Mapped[str | None] = mapped_column(Text, info=ERASE)
    score_at: Mapped[datetime | None]
    escalated_to: Mapped[str | None] = mapped_column(String(20), info=NONE)
    opened_at: Mapped[datetime]
    status_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    spoke_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None] = mapped_column(index=True)
    silence_warned_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def number(self) -> int:
        return self.id + FIRST_NUMBER - 1


class TicketLink(Base):
    """Two tickets about one matter; `one_id` is the smaller id."""

    __tablename__ = "ticket_link"
    __table_args__ = (UniqueConstraint("one_id", "other_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    one_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)


class TicketHelper(Base):
    """A colleague who was asked to look in: they read and write notes, and answer for nothing."""

    __tablename__ = "ticket_helper"
    __table_args__ = (UniqueConstraint("ticket_id", "agent_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(80), info=NONE)
    asked_at: Mapped[datetime]


class GivenWord(Base):
    """A time that an agent wrote to the customer: "by 3". `words` is how it was said.

    `kept_at`: an answer followed, or another time took its place; `passed_at`: the time passed without one.
    """

    __tablename__ = "given_word"
    __table_args__ = (
        Index("ix_given_word_open", "remind_at", sqlite_where=text(OPEN_WORD), postgresql_where=text(OPEN_WORD)),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    words: Mapped[str] = mapped_column(String(80), info=ERASE)
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class TicketClock(Base):
    """The clock of one promise about one ticket; see `tickets.sla.Clock`. `due_at` is None while it is paused.

    `met_at`: the promise was kept, or is none any more; `due_at` then tells what it was. `breached_at` is set once.
    `told_at`: the later time that the customer was told when it could not be kept. `planned_at`: the time by which they
    were told that it will be settled; `due_at` is then that.
    """

    __tablename__ = "ticket_clock"
    __table_args__ = (
        UniqueConstraint("ticket_id", "target"),
        Index(
            "ix_ticket_clock_running",
            "warn_due_at",
            sqlite_where=text(RUNNING),
            postgresql_where=text(RUNNING),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    target: Mapped[Target] = mapped_column(enum_column(Target))
    rule: Mapped[str] = mapped_column(String(120), info=NONE)
    within_seconds: Mapped[float]
    count: Mapped[Count] = mapped_column(enum_column(Count))
    warn_at: Mapped[float]
    spent_seconds: Mapped[float] = mapped_column(default=0.0)
    since: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    warn_due_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]


class TicketEvent(Base):
    """One line of a ticket's timeline. Append-only. `dedupe_key` makes what caused it count once."""

    __tablename__ = "ticket_event"
    __table_args__ = (Index("ix_ticket_event_type_at", "type", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    type: Mapped[EventType] = mapped_column(enum_column(EventType))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80), info=NONE)
    text: Mapped[str | None] = mapped_column(Text, info=ERASE)
    rule: Mapped[str | None] = mapped_column(String(120), info=NONE)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JsonColumn, default=list, info=NONE)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict, info=ERASE)
    dedupe_key: Mapped[str | None] = mapped_column(String(160), unique=True, info=NONE)


@event.listens_for(TicketEvent, "before_update")
def _append_only(_mapper: Mapper[Any], _connection: Connection, row: TicketEvent) -> None:
    raise TypeError(f"the timeline is append-only: event {row.id} cannot be changed")
