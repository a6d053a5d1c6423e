"""How long things are kept, and letting them go: a few hundred rows at a time. Safe to run at any time and twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, cast, delete, exists, or_, select, true, update

from conversations import copies, pace, uploads
from conversations.file_models import StoredFile
from conversations.models import Conversation, Delivery, InboxEvent, Message, SenderMinute
from conversations.values import InboxState
from core.database import Base, Database
from core.files import FileStore
from core.settings import Settings
from customers.blanking import blank_rows
from knowledge_base.models import QuestionLog

_AT_ONCE = 200
_ENDED = (InboxState.DONE, InboxState.DISMISSED)


@dataclass(frozen=True, slots=True)
class KeepingTimes:
    raw: timedelta
    questions: timedelta
    files: timedelta
    chats: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "KeepingTimes":
        return cls(
            raw=timedelta(days=settings.keep_raw_days),
            questions=timedelta(days=settings.keep_questions_days),
            files=timedelta(days=settings.keep_files_days),
            chats=timedelta(days=settings.keep_chats_days),
        )


@dataclass(frozen=True, slots=True)
class LetGo:
    """How many of each went."""

    raw: int
    questions: int
    files: int
    messages: int


async def let_go(database: Database, times: KeepingTimes, files: FileStore, now: datetime) -> LetGo:
    """Lets everything go whose time is over."""
    await _spent_minutes(database, now - pace.MINUTE)
    return LetGo(
        raw=await _raw_events(database, now - times.raw),
        questions=await _questions(database, now - times.questions),
        files=await _all_files(database, files, now - times.files, now),
        messages=await _messages(database, now - times.chats),
    )


async def _raw_events(database: Database, before: datetime) -> int:
    """Empties finished events; their unique keys stay, so that a late copy still counts as one."""
    done, after = 0, 0
    while True:
        query = select(InboxEvent.id).where(
            InboxEvent.id > after,
            InboxEvent.received_at < before,
            InboxEvent.state.in_(_ENDED),
            or_(cast(InboxEvent.raw, Text) != "{}", InboxEvent.error.is_not(None)),
        )
        async with database.write() as session:
            ids = list(await session.scalars(query.order_by(InboxEvent.id).limit(_AT_ONCE)))
            await session.execute(update(InboxEvent).where(InboxEvent.id.in_(ids)).values(raw={}, error=None))
        if not ids:
            return done
        done, after = done + len(ids), ids[-1]


async def _spent_minutes(database: Database, before: datetime) -> None:
    """What was counted for senders whose minute is over; few rows, however many messages they counted."""
    async with database.write() as session:
        await session.execute(delete(SenderMinute).where(SenderMinute.since < before))


async def _questions(database: Database, before: datetime) -> int:
    done = 0
    while True:
        async with database.write() as session:
            old = select(QuestionLog.id).where(QuestionLog.at < before).limit(_AT_ONCE)
            gone = list(
                await session.scalars(delete(QuestionLog).where(QuestionLog.id.in_(old)).returning(QuestionLog.id))
            )
        if not gone:
            return done
        done += len(gone)


async def _all_files(database: Database, files: FileStore, before: datetime, now: datetime) -> int:
    """Customers' files, copies of what is known of them, and uploads that nobody used."""
    copied = (StoredFile.because == copies.COPY) & (StoredFile.created_at < now - copies.KEPT)
    sent = (StoredFile.created_at < before) & _no_open_ticket(StoredFile.customer_id)
    return await _files(database, files, copied | sent) + await _unused_uploads(database, files, now)


async def _files(database: Database, files: FileStore, old: ColumnElement[bool]) -> int:
    done = 0
    while True:
        async with database.write() as session:
            ids = list(await session.scalars(select(StoredFile.id).where(old).limit(_AT_ONCE)))
            for file_id in ids:
                files.remove(file_id)
            await session.execute(delete(StoredFile).where(StoredFile.id.in_(ids)))
        if not ids:
            return done
        done += len(ids)


async def _unused_uploads(database: Database, files: FileStore, now: datetime) -> int:
    done = 0
    while True:
        async with database.write() as session:
            gone = await uploads.let_unused_go(session, files, now, _AT_ONCE)
        if not gone:
            return done
        done += gone


async def _messages(database: Database, before: datetime) -> int:
    """Empties what was said long ago by customers who have no open ticket; that something was said stays."""
    done, after = 0, 0
    while True:
        query = (
            select(Message.id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.id > after, Message.at < before, _says_something())
            .where(_no_open_ticket(Conversation.customer_id))
        )
        async with database.write() as session:
            ids = list(await session.scalars(query.order_by(Message.id).limit(_AT_ONCE)))
            await blank_rows(session, _table(Message), ids)
            deliveries = list(await session.scalars(select(Delivery.id).where(Delivery.message_id.in_(ids))))
            await blank_rows(session, _table(Delivery), deliveries)
        if not ids:
            return done
        done, after = done + len(ids), ids[-1]


def _says_something() -> ColumnElement[bool]:
    """Words, or what came without any: a place on the map, a card with a phone number, a file by its name."""
    return or_(Message.text != "", Message.quote.is_not(None), cast(Message.attachments, Text) != "[]")


def _table(model: Any) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _no_open_ticket(customer_id: Any) -> ColumnElement[bool]:
    ticket = Base.metadata.tables.get("ticket")
    if ticket is None:
        return true()
    return ~exists().where(ticket.c.customer_id == customer_id, ticket.c.status != "closed")
