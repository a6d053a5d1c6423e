"""What the API keeps for itself: the answers to writes that carried an `Idempotency-Key`."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import QUOTES
from core.database import Base, BigId


class IdempotentAnswer(Base):
    """One key of one caller, inserted first in the effect's own transaction; `body` is what was answered.

    `kept_for_ever`: money; the rest is forgotten after 24 hours.
    """

    __tablename__ = "idempotent_answer"
    __table_args__ = (UniqueConstraint("agent_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    key: Mapped[str] = mapped_column(String(200))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary, info=QUOTES)
    kept_for_ever: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(index=True)
