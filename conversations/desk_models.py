"""What the desk keeps beside tickets and talk: replies that can still be undone, and ready-made ones."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conversations.desk_values import HeldState
from conversations.values import Attachment
from core.columns import ERASE, NONE, Json, enum_column, erased_as
from core.database import Base, BigId

_WAITS = "state = 'held'"


class HeldReply(Base):
    """What an agent wrote to a customer and can still undo; at `due_at` it becomes a message.

    `because`: why it was not sent after all. `surface` and `origin` are whose it was written through, for that one to
    mark it: as `telegram:BOT` and the id of the message there.
    """

    __tablename__ = "held_reply"
    __table_args__ = (Index("ix_held_reply_due", "due_at", sqlite_where=text(_WAITS), postgresql_where=text(_WAITS)),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    text: Mapped[str] = mapped_column(Text, info=ERASE)
    attachments: Mapped[list[Attachment]] = mapped_column(Json(list[Attachment]), default=list, info=ERASE)
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    surface: Mapped[str | None] = mapped_column(String(120), info=NONE)
    origin: Mapped[str | None] = mapped_column(String(120), info=NONE)
    state: Mapped[HeldState] = mapped_column(
        enum_column(HeldState), default=HeldState.HELD, info=erased_as(held="refused")
    )
    because: Mapped[str | None] = mapped_column(String(80), info=NONE)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]


class CannedReply(Base):
    """A ready-made reply by its short name, with placeholders, in one language or both."""

    __tablename__ = "canned_reply"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    zh: Mapped[str | None] = mapped_column(Text)
    en: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(default=list)
    updated_by: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[datetime]
