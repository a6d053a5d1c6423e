"""What is kept of Telegram alone: groups that it was put into, and where the desk's cases stand in its groups."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from conversations.values import Attachment
from core.columns import ADDRESS, DELETE, ERASE, NONE, Json, enum_column
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


class DeskGroup(Base):
    """A group that is a desk now, as Telegram shows it. `board`: the number of the pinned list of cases.

    `has_topics`: a case gets one. `looked_at`: when its switches were looked at; `lacks`: what was missing then.
    """

    __tablename__ = "desk_group"
    __table_args__ = (UniqueConstraint("account", "chat"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(120))
    chat: Mapped[str] = mapped_column(String(40))
    has_topics: Mapped[bool] = mapped_column(default=False)
    lacks: Mapped[list[str]] = mapped_column(default=list)
    looked_at: Mapped[datetime | None]
    board: Mapped[int | None] = mapped_column(BigInteger)
    board_print: Mapped[str | None] = mapped_column(String(64))
    board_at: Mapped[datetime | None]
    digest_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DeskTopic(Base):
    """Where a case stands in a group: a topic (`thread`), or the thread of answers to its `card` in a plain group.

    `posted_message`, `posted_event`: how far talk and timeline are posted; the message's id, since a talk may go on in
    another conversation. `title_print`, `card_print`: what title and card said last; None: there is none yet, or no
    more, empty: it did not arrive.
    """

    __tablename__ = "desk_topic"
    __table_args__ = (Index("ix_desk_topic_account_chat_thread", "account", "chat", "thread"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(120), info=NONE)
    chat: Mapped[str] = mapped_column(String(40), info=NONE)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    thread: Mapped[int | None] = mapped_column(BigInteger)
    card: Mapped[int | None] = mapped_column(BigInteger)
    card_print: Mapped[str | None] = mapped_column(String(64), info=NONE)
    card_at: Mapped[datetime]
    title_print: Mapped[str | None] = mapped_column(String(200), info=NONE)
    posted_message: Mapped[int] = mapped_column(BigInteger, default=0)
    posted_event: Mapped[int] = mapped_column(BigInteger, default=0)
    is_closed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Mark(StrEnum):
    """What became of an agent's words, as a reaction below them shows it."""

    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    NOTED = "noted"
    UNDONE = "undone"


_UNSETTLED = text("mark = 'held'")


class DeskPost(Base):
    """A message in a group and what it is: ours that shows `message_id`, or an agent's that was held, or noted.

    `by_id`: of an agent's words, whose they are. `mark`: what they are marked with; what is held gets another one.
    """

    __tablename__ = "desk_post"
    __table_args__ = (
        UniqueConstraint("account", "chat", "number"),
        Index("ix_desk_post_unsettled", "account", "id", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(120), info=NONE)
    chat: Mapped[str] = mapped_column(String(40), info=NONE)
    number: Mapped[int] = mapped_column(BigInteger)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("desk_topic.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    held_id: Mapped[int | None] = mapped_column(ForeignKey("held_reply.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_event.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    mark: Mapped[Mark | None] = mapped_column(enum_column(Mark))
    at: Mapped[datetime]


class DeskStranger(Base):
    """Somebody who was seen in a group that is a desk, and is linked with nobody who works here."""

    __tablename__ = "desk_stranger"
    __table_args__ = (UniqueConstraint("account", "chat", "external_id"), {"info": DELETE})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(120), info=NONE)
    chat: Mapped[str] = mapped_column(String(40), info=NONE)
    external_id: Mapped[str] = mapped_column(String(200), info=ADDRESS)
    name: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    seen_at: Mapped[datetime]


class DeskDraft(Base):
    """Words that are shown with a button before they go to the customer. `sure`: they may guarantee something."""

    __tablename__ = "desk_draft"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    text: Mapped[str] = mapped_column(Text, info=ERASE)
    attachments: Mapped[list[Attachment]] = mapped_column(Json(list[Attachment]), default=list, info=ERASE)
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    sure: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
