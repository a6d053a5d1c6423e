"""One browser's right to its own conversation."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import DELETE, ERASE
from core.database import Base, BigId


class WebSession(Base):
    """`visitor` is the browser's address on the account `web`. Of the token only a hash is kept.

    `user_id`: whom the shop's site signed in, by the shop's own number; `proof_hash`: of that signature, which opens
    one session and no second one.
    """

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
    user_id: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    proof_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class WebCode(Base):
    """A one-time code that opens a conversation in another browser. Of the code only a hash is kept."""

    __tablename__ = "web_code"
    __table_args__ = {"info": DELETE}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebContact(Base):
    """Where a visitor wants an answer sent when the page is closed: for whoever answers, and to open the case again."""

    __tablename__ = "web_contact"
    __table_args__ = {"info": DELETE}  # noqa: RUF012 - SQLAlchemy's own form

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), info=ERASE)
    phone: Mapped[str | None] = mapped_column(String(32), info=ERASE)
    at: Mapped[datetime]
