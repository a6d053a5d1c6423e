"""Whom to tell that they were erased, once nothing else is known of them."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import NONE
from core.database import Base, BigId


class LastWord(Base):
    """The line that is still owed to somebody who is being erased. `sealed`: their address, readable here alone.

    `customer_number`, `conversation_id`: of rows that are nobody's by then. The row goes with the line.
    """

    __tablename__ = "last_word"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_number: Mapped[int] = mapped_column(BigInteger)
    conversation_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    account: Mapped[str] = mapped_column(String(120))
    language: Mapped[str | None] = mapped_column(String(8))
    sealed: Mapped[str] = mapped_column(Text, info=NONE)
    queued: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
