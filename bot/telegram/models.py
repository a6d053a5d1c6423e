"""What is kept of Telegram alone."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, BigId


class StrayGroup(Base):
    """A group that the bot was put into and that is not the desk. It is left at `leave_at`."""

    __tablename__ = "stray_group"
    __table_args__ = (UniqueConstraint("account", "chat_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(120))
    chat_id: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime]
    leave_at: Mapped[datetime] = mapped_column(index=True)
