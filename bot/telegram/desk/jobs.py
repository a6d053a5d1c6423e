"""What a group waits for, the most pressing first: its few messages a minute go where they matter most. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Exists, Row, String, and_, cast, exists, func, literal, or_, select

from bot.telegram.desk import leftovers
from bot.telegram.desk.groups import choose
from bot.telegram.desk.payloads import PREFIX
from bot.telegram.desk.talk import TOLD
from bot.telegram.models import DeskGroup, DeskTopic
from conversations.desk_models import HeldReply
from conversations.models import Conversation, Delivery, Message
from conversations.values import Author
from core.database import ReadSession
from customers.models import Customer
from staff.models import Agent
from tickets.models import Ticket, TicketEvent
from tickets.values import LIVE, EventType, Severity, TicketKind

#: The board and cards follow a little behind, so that a burst of changes is one edit.
BOARD_EVERY = timedelta(seconds=30)
CARD_EVERY = timedelta(seconds=60)
#: Topics that are behind by so much are named in one post, when there are several of them; now and then.
BEHIND = timedelta(seconds=60)
DIGEST_FROM = 3
DIGEST_EVERY = timedelta(minutes=2)
_SEVERE = (Severity.HIGH, Severity.CRITICAL)
_URGENT = (EventType.BREACHED, EventType.WARNED, EventType.NOT_SENT, EventType.ESCALATED)
_SHOWN_KINDS = (TicketKind.COMPLAINT, TicketKind.QUESTION)
#: Of topics: something can still be told there. All others are left out of every round.
_IS_OPEN = or_(Ticket.status.in_(LIVE), ~DeskTopic.is_closed)


class What(StrEnum):
    OPEN = "open"
    NEWS = "news"
    TITLE = "title"
    CLOSE = "close"
    REOPEN = "reopen"
    DELETE = "delete"
    CLEAR = "clear"
    CARD = "card"
    BOARD = "board"
    DIGEST = "digest"


_ABOUT_TOPIC = (What.CLOSE, What.REOPEN)
#: So many seconds of waiting each kind of job is behind a customer's words.
_HANDICAPS = {
    What.DIGEST: -600, What.OPEN: -60, What.REOPEN: 0, What.NEWS: 0, What.DELETE: 0, What.CLEAR: 0, What.TITLE: 45,
    What.CLOSE: 90, What.CARD: 90, What.BOARD: 60,
}  # fmt: skip
_SEVERE_AHEAD = 90
_URGENT_AHEAD = 60
#: Cases that were there before the group was come after today's.
_OLD_BEHIND = 900


@dataclass(frozen=True, slots=True)
class Job:
    """`ticket_id` 0: about the group itself. `ahead`: seconds by which it may pass others."""

    what: What
    ticket_id: int
    since: datetime
    ahead: float = 0.0

    def points(self, now: datetime) -> float:
        return (now - self.since).total_seconds() + self.ahead - _HANDICAPS[self.what]


async def find_jobs(session: ReadSession, group: DeskGroup, chats: Sequence[str], now: datetime) -> list[Job]:
    """Everything that waits, the most pressing first."""
    jobs = [*await _new_cases(session, group, chats), *await _of_topics(session, group, now)]
    jobs += _of_group(group, [job for job in jobs if job.what is What.NEWS], now)
    return sorted(jobs, key=lambda job: (-job.points(now), job.ticket_id))


async def _new_cases(session: ReadSession, group: DeskGroup, chats: Sequence[str]) -> list[Job]:
    known = select(DeskTopic.ticket_id).where(DeskTopic.ticket_id == Ticket.id)
    query = (
        select(Ticket.id, Ticket.severity, Ticket.opened_at)
        .where(Ticket.status.in_(LIVE), Ticket.kind.in_(_SHOWN_KINDS), ~known.exists())
        .order_by(Ticket.priority, Ticket.id)
        .limit(200)
    )
    rows = [row for row in await session.execute(query) if choose(chats, row.id) == group.chat]
    return [Job(What.OPEN, row.id, max(row.opened_at, group.created_at), _ahead(row, group)) for row in rows]


def _ahead(row: Row[int, Severity, datetime], group: DeskGroup) -> float:
    severe = _SEVERE_AHEAD if row.severity in _SEVERE else 0
    return severe - (_OLD_BEHIND if row.opened_at < group.created_at else 0)


async def _of_topics(session: ReadSession, group: DeskGroup, now: datetime) -> list[Job]:
    in_group = (DeskTopic.account == group.account, DeskTopic.chat == group.chat)
    query = (
        select(DeskTopic, Ticket, Agent.alias, Agent.name)
        .join(Ticket, Ticket.id == DeskTopic.ticket_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(Agent, Agent.id == Ticket.assignee_id)
        .where(*in_group, _IS_OPEN, Customer.erased_at.is_(None))
    )
    said, happened = await _said(session, group, now), await _happened(session, group)
    jobs: list[Job] = []
    for topic, ticket, alias, name in (await session.execute(query)).all():
        news = (said.get(ticket.id), happened.get(ticket.id))
        # A topic that the bot may not change any more stays as it is until it may again.
        is_fixed = topic.thread is not None and not group.has_topics
        found = _of_topic(topic, ticket, alias or name, news, now, is_fixed=is_fixed)
        jobs += [job for job in found if not (is_fixed and job.what in _ABOUT_TOPIC)]
    return [*jobs, *await _of_the_erased(session, group)]


async def _of_the_erased(session: ReadSession, group: DeskGroup) -> list[Job]:
    """Topics of customers who are forgotten go too, and what stands outside; nothing else is told there any more."""
    query = (
        select(DeskTopic.ticket_id, Customer.erased_at)
        .join(Ticket, Ticket.id == DeskTopic.ticket_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(DeskTopic.account == group.account, DeskTopic.chat == group.chat)
        .where(DeskTopic.thread.is_not(None), Customer.erased_at.is_not(None), ~_is_tried())
    )
    jobs = [Job(What.DELETE, ticket_id, at) for ticket_id, at in await session.execute(query) if at is not None]
    return [*jobs, *(Job(What.CLEAR, ticket_id, at) for ticket_id, at in await leftovers.find_topics(session, group))]


def _is_tried() -> Exists:
    """A topic is deleted once: what Telegram refuses is said there, and then a person's."""
    key = literal(f"{PREFIX}delete:") + cast(DeskTopic.id, String) + ":1"
    return exists().where(Delivery.dedupe_key == key)


def _of_topic(
    topic: DeskTopic,
    ticket: Ticket,
    name: str | None,
    news: tuple[datetime | None, tuple[datetime, bool] | None],
    now: datetime,
    *,
    is_fixed: bool,
) -> Iterator[Job]:
    said_at, happened = news
    since = min((at for at in (said_at, happened[0] if happened else None) if at is not None), default=None)
    if since is not None:
        urgent = _URGENT_AHEAD if happened is not None and happened[1] else 0
        severe = _SEVERE_AHEAD if ticket.severity in _SEVERE else 0
        yield Job(What.NEWS, ticket.id, since, urgent + severe)
    elif not ticket.status.is_live:
        yield Job(What.CLOSE, ticket.id, ticket.updated_at)
    if ticket.status.is_live and topic.is_closed:
        yield Job(What.REOPEN, ticket.id, ticket.updated_at)
    is_other = not is_fixed and topic.title_print != title_print(ticket, name)
    if is_other:
        yield Job(What.TITLE, ticket.id, ticket.updated_at)
    is_stale = ticket.updated_at > topic.card_at and topic.card_at <= now - CARD_EVERY
    if topic.card_print is None or (topic.card is None and not topic.card_print):
        yield Job(What.CARD, ticket.id, topic.card_at, _SEVERE_AHEAD)
    elif topic.card is not None and (is_other or is_stale or not topic.card_print):  # on its way it cannot be edited
        yield Job(What.CARD, ticket.id, topic.card_at)


def title_print(ticket: Ticket, name: str | None) -> str:
    """What a title changes with: the state, not the clock."""
    return f"{ticket.status.value}|{ticket.severity.value}|{ticket.category or ''}|{name or ''}"


async def _said(session: ReadSession, group: DeskGroup, now: datetime) -> dict[int, datetime]:
    """Since when a topic lacks words of the customer, or of somebody who answered from elsewhere; by live ticket."""
    is_blocked = Customer.blocked_until > now
    from_elsewhere = and_(Message.author == Author.AGENT, Message.replaces_id.is_(None), HeldReply.id.is_(None))
    is_worth_a_post = or_(Message.author == Author.CUSTOMER, from_elsewhere)
    query = (
        select(DeskTopic.ticket_id, func.min(Message.at))
        .join(Ticket, Ticket.id == DeskTopic.ticket_id)
        .join(Conversation, Conversation.ticket_id == DeskTopic.ticket_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(Message, (Message.conversation_id == Conversation.id) & (Message.id > DeskTopic.posted_message))
        .outerjoin(HeldReply, (HeldReply.message_id == Message.id) & (HeldReply.surface == DeskTopic.account))
        .where(DeskTopic.account == group.account, DeskTopic.chat == group.chat, is_worth_a_post)
        .where(Ticket.status.in_(LIVE))
        .where(or_(Customer.blocked_until.is_(None), ~is_blocked))
        .group_by(DeskTopic.ticket_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def _happened(session: ReadSession, group: DeskGroup) -> dict[int, tuple[datetime, bool]]:
    """Since when an open topic lacks lines of the timeline, and whether one of them presses; by ticket."""
    query = (
        select(TicketEvent.ticket_id, TicketEvent.type, func.min(TicketEvent.at).label("since"))
        .join(DeskTopic, DeskTopic.ticket_id == TicketEvent.ticket_id)
        .join(Ticket, Ticket.id == DeskTopic.ticket_id)
        .where(DeskTopic.account == group.account, DeskTopic.chat == group.chat, _IS_OPEN)
        .where(TicketEvent.id > DeskTopic.posted_event, TicketEvent.type.in_(TOLD))
        .group_by(TicketEvent.ticket_id, TicketEvent.type)
    )
    found: dict[int, tuple[datetime, bool]] = {}
    for row in await session.execute(query):
        since, urgent = found.get(row.ticket_id, (row.since, False))
        found[row.ticket_id] = (min(since, row.since), urgent or row.type in _URGENT)
    return found


def _of_group(group: DeskGroup, news: Sequence[Job], now: datetime) -> Iterator[Job]:
    if group.board_print is None or group.board_at is None or group.board_at <= now - BOARD_EVERY:
        yield Job(What.BOARD, 0, group.board_at or group.created_at)
    behind = [job for job in news if now - job.since > BEHIND]
    is_time = group.digest_at is None or group.digest_at <= now - DIGEST_EVERY
    if len(behind) >= DIGEST_FROM and is_time:
        yield Job(What.DIGEST, 0, min(job.since for job in behind))
