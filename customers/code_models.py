"""One-time codes, and tries at proving that an order is one's own."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import DELETE, NONE, enum_column
from core.database import Base, BigId
from customers.values import CodePurpose


class OneTimeCode(Base):
    """A code that makes whoever brings it first this customer. Only its hash is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = {"info": DELETE}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[CodePurpose] = mapped_column(enum_column(CodePurpose))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    verified: Mapped[bool]
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("channel_identity.id"), index=True, info=NONE)


class ProofTry(Base):
    """A wrong answer about an order. `subject`: whose tries are counted (`identity:5`, `order:` and a hash)."""

    __tablename__ = "proof_try"
    __table_args__ = (Index("ix_proof_try_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
