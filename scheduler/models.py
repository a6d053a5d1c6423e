"""What is to be written first, to whom and when; which programmes are on; what other systems have told."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import DELETE, ERASE, NONE, JsonColumn, enum_column
from core.database import Base, BigId
from scheduler.values import FollowUpKind, FollowUpState

_IS_PLANNED = "state = 'planned'"
_WAS_SENT = text("sent_at IS NOT NULL")
_IS_LIVE = "state IN ('planned', 'sending', 'unknown')"


def _given(column: str) -> Index:
    """An index of the rows that have a value there: most follow-ups have none."""
    where = text(f"{column} IS NOT NULL")
    return Index(f"ix_follow_up_{column}", column, sqlite_where=where, postgresql_where=where)


class ProgrammeState(Base):
    """Whether a programme is on. `since`: nothing that was due before counts. No row: it was never enabled.

    `planned_until`: every occasion that is due before has been derived once; `planned_by`: by which rules.
    `paused_because`: why, when it paused by itself.
    """

    __tablename__ = "programme_state"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime | None]
    enabled_by: Mapped[str | None] = mapped_column(String(80))
    paused_at: Mapped[datetime | None]
    paused_because: Mapped[str | None] = mapped_column(String(40))
    planned_until: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    planned_by: Mapped[str | None] = mapped_column(String(120))


class FollowUp(Base):
    """One thing to say to one customer on one occasion, which counts once; `step` numbers a programme's steps from 1.

    `occasion` is a local date, `order:ID`, `ticket:N` or `event:ID`; `happened_at` the instant of it. `rule` names the
    programme as `kind@version/id`, `because` why it was skipped or still waits, `values` fill the reason's text.
    `dispatched_at`: since when it is in the outbox (`delivery_id`) or on somebody's list (`task_id`). `again_of`: the
    one that was answered with "later".
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("programme", "customer_id", "occasion", "step"),
        Index("ix_follow_up_planned", "due_at", sqlite_where=text(_IS_PLANNED), postgresql_where=text(_IS_PLANNED)),
        Index("ix_follow_up_live", "delivery_id", sqlite_where=text(_IS_LIVE), postgresql_where=text(_IS_LIVE)),
        Index(
            "ix_follow_up_programme_sent_at", "programme", "sent_at", sqlite_where=_WAS_SENT, postgresql_where=_WAS_SENT
        ),
        Index("ix_follow_up_programme_due_at", "programme", "due_at"),
        _given("order_id"),
        _given("ticket_id"),
        _given("task_id"),
        {"info": DELETE},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme: Mapped[str] = mapped_column(String(60), info=NONE)
    step: Mapped[int] = mapped_column(default=1)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    occasion: Mapped[str] = mapped_column(String(160), info=ERASE)
    kind: Mapped[FollowUpKind] = mapped_column(enum_column(FollowUpKind))
    rule: Mapped[str] = mapped_column(String(120), info=NONE)
    happened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[FollowUpState] = mapped_column(enum_column(FollowUpState), default=FollowUpState.PLANNED)
    because: Mapped[str | None] = mapped_column(String(40), info=NONE)
    values: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict, info=NONE)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict, info=ERASE)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    again_of: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(80), info=NONE)


class PostedEvent(Base):
    """What another system told of a customer: the occasion of a programme. An `external_id` counts once an account."""

    __tablename__ = "posted_event"
    __table_args__ = (
        UniqueConstraint("account", "external_id"),
        Index("ix_posted_event_kind_at", "kind", "at"),
        {"info": DELETE},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(120), info=NONE)
    external_id: Mapped[str] = mapped_column(String(120), info=ERASE)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60), info=NONE)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict, info=ERASE)
    received_at: Mapped[datetime]
