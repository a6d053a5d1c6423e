"""What is given to customers, and the book that it is kept in."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, ForeignKey, Index, String, Text, event, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from core.columns import ERASE, KEEP, NONE, Json, JsonColumn, enum_column
from core.database import Base, BigId
from tickets.values import GrantKind, GrantState, Origin, Reason

_WITH_END = "expires_at IS NOT NULL AND state IN ('proposed', 'approved', 'offered', 'accepted', 'issued')"


class Grant(Base):
    """One compensation. Its money is in the ledger from the approval on.

    `budget` names who pays: a team, `goodwill`, a programme. `expires_at`: of the offer while it is open, of the
    voucher once it is issued. A voucher's code is derived from the installation's secret and `id`; what is kept is a
    keyed digest to find it by, and its last four characters. `key`: of what is given once, the occasion.
    """

    __tablename__ = "compensation_grant"
    __table_args__ = (
        Index("ix_compensation_grant_customer_id_created_at", "customer_id", "created_at"),
        Index(
            "ix_compensation_grant_ends",
            "expires_at",
            sqlite_where=text(_WITH_END),
            postgresql_where=text(_WITH_END),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))
    budget: Mapped[str] = mapped_column(String(80), info=KEEP)
    kind: Mapped[GrantKind] = mapped_column(enum_column(GrantKind))
    amount_minor: Mapped[int] = mapped_column(BigInteger, info=KEEP)
    currency: Mapped[str] = mapped_column(String(3), info=KEEP)
    state: Mapped[GrantState] = mapped_column(enum_column(GrantState), index=True)
    rule: Mapped[str | None] = mapped_column(String(120), info=KEEP)
    because: Mapped[Reason | None] = mapped_column(Json(Reason), info=KEEP)
    reason: Mapped[str | None] = mapped_column(Text, info=ERASE)
    facts: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict, info=ERASE)
    valid_days: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(String(120), unique=True, info=KEEP)
    requested_by: Mapped[str] = mapped_column(String(80), info=KEEP)
    approved_by: Mapped[str | None] = mapped_column(String(80), info=KEEP)
    self_approved: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str | None] = mapped_column(String(200), info=KEEP)
    code_digest: Mapped[str | None] = mapped_column(String(64), unique=True, info=NONE)
    code_last4: Mapped[str | None] = mapped_column(String(4), info=NONE)
    expires_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    redeemed_for: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    redeemed_by: Mapped[str | None] = mapped_column(String(80), info=KEEP)


class LedgerEntry(Base):
    """One side of a movement of money. Append-only; `key` is unique for ever, so that nothing moves twice."""

    __tablename__ = "ledger_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True, info=KEEP)
    grant_id: Mapped[int] = mapped_column(ForeignKey("compensation_grant.id"), index=True)
    move: Mapped[str] = mapped_column(String(20), info=KEEP)
    account: Mapped[str] = mapped_column(String(160), index=True, info=KEEP)
    amount_minor: Mapped[int] = mapped_column(BigInteger, info=KEEP)
    currency: Mapped[str] = mapped_column(String(3), info=KEEP)
    at: Mapped[datetime] = mapped_column(info=KEEP)


@event.listens_for(LedgerEntry, "before_update")
@event.listens_for(LedgerEntry, "before_delete")
def _append_only(_mapper: Mapper[Any], _connection: Connection, row: LedgerEntry) -> None:
    raise TypeError(f"the ledger is append-only: entry {row.id} cannot be changed")
