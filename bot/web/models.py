"""One browser's right to its own conversation."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import DELETE, ERASE
from core.database import Base, BigId


class WebSession(Base):
    """`visitor` is the browser's address on the account `web`. Of the token only a hash is kept."""

    __tablename__ = "web_session"
    __table_args__ = {"info": DELETE}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    visitor: Mapped[str] = mapped_column(String(64), info=ERASE)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    language: Mapped[str | None] = mapped_column(String(8))
    timezone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
