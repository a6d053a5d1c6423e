"""Where each customer stood at the last look, and every move since."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import DELETE, NONE, JsonColumn
from core.database import Base, BigId


class SegmentState(Base):
    """The figures of one customer with orders, as of `refreshed_at`. Kept apart, so that a refresh edits nobody's file.

    `spent_minor` counts the tier's window, in the shop's currency. `rhythm_days`: the usual distance between orders.
    """

    __tablename__ = "segment_state"
    __table_args__ = {"info": DELETE}  # noqa: RUF012 - SQLAlchemy's own form

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    score: Mapped[float] = mapped_column(default=0.0, index=True)
    orders: Mapped[int] = mapped_column(default=0)
    spent_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    first_order_at: Mapped[datetime | None]
    last_order_at: Mapped[datetime | None]
    rhythm_days: Mapped[float | None]
    refreshed_at: Mapped[datetime]


class SegmentMove(Base):
    """One change of tier or stage (`what`), with the rule that caused it as `kind@version/id` and the facts it saw."""

    __tablename__ = "segment_move"
    __table_args__ = {"info": DELETE}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(10))
    before: Mapped[str | None] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict, info=NONE)
