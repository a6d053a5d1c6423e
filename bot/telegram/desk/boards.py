"""What a group sees of all its cases: the pinned board, and a digest while topics are behind."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from math import ceil

from sqlalchemy import func, select

from bot.telegram.desk.cards import line_of, line_text
from bot.telegram.desk.jobs import BEHIND
from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import Do, Place, drafts, post
from bot.telegram.desk.wording import Wording
from bot.telegram.models import DeskGroup, DeskTopic
from conversations import outbox
from conversations.models import Conversation, Message
from conversations.values import Author
from core.database import ReadSession
from customers import tasks
from staff.models import Agent
from tickets import queue
from tickets.models import Ticket
from tickets.policy import Policy, Work
from tickets.queue import Queued
from tickets.values import LIVE

_LINES = 25
_DIGEST_LINES = 20
#: The board tells how late it is in steps of so many seconds: an edit for each second would make it later still.
_LAG_STEP = 30


async def renew(office: Office, group: DeskGroup) -> int:
    """Posts or edits the board, if it says anything new; how many calls that takes."""
    async with office.work("desk") as work:
        row = await work.session.get_one(DeskGroup, group.id, with_for_update=True, populate_existing=True)
        text = await _board_text(work, row, office.wording)
        row.board_at = work.now
        if row.board_print == _print(text):
            return 0
        is_new = row.board_print is None
        if not is_new and row.board is None:
            return 0  # it is on its way; what is new is told next time
        row.board_print = _print(text)
        (call,) = post(row.chat, text)
        changes = {"place": Place.BOARD} if is_new else {"place": Place.BOARD, "do": Do.EDIT, "number": row.board}
        key = f"board:{row.id}:{work.now.timestamp()}"
        await outbox.enqueue(work.session, *drafts(row, [call.model_copy(update=changes)], key, work.now))
    return 1


async def _board_text(work: Work, group: DeskGroup, wording: Wording) -> str:
    """The most urgent cases of the shop, and how many tasks there are beside them."""
    session, now = work.session, work.now
    count = await session.scalar(select(func.count()).select_from(Ticket).where(Ticket.status.in_(LIVE))) or 0
    nobody = select(func.count()).select_from(Ticket).where(Ticket.status.in_(LIVE), Ticket.assignee_id.is_(None))
    rows = await queue.list_urgent(session, now, _LINES)
    lines = await list_lines(session, rows, work.policy, wording, now)
    to_do = await tasks.count_open(session)
    besides = [wording.say("board.tasks", count=to_do)] if to_do else []
    if not lines:
        return "\n".join([wording.say("board.empty"), *besides])
    head = wording.say("board.head", count=count, nobody=await session.scalar(nobody) or 0, at=_hour(wording, now))
    more = [wording.say("board.more", count=count - len(rows))] if count > len(rows) else []
    lag = await _lag(session, group, now)
    seconds = _LAG_STEP * ceil(lag / _LAG_STEP)
    late = [wording.say("board.late", seconds=seconds)] if lag > BEHIND.total_seconds() else []
    return "\n".join([head, *late, *lines, *more, *besides])


def _hour(wording: Wording, now: datetime) -> str:
    """To five minutes, so that it alone is news no more often."""
    local = now.astimezone(wording.zone)
    return f"{local.hour:02}:{local.minute - local.minute % 5:02}"


async def list_lines(
    session: ReadSession, rows: Sequence[Queued], policy: Policy, wording: Wording, now: datetime
) -> list[str]:
    """Cases in a list, each with a way to its topic where there is one."""
    names = {row.id: row.alias or row.name for row in await session.execute(select(Agent.id, Agent.alias, Agent.name))}
    topics = await _topics(session, [row.ticket.id for row in rows])
    lines = []
    for row in rows:
        name = names.get(row.ticket.assignee_id or 0)
        text = line_text(line_of(row.ticket, row.due_at, name, policy, wording), wording, now)
        link = link_to(topics.get(row.ticket.id))
        lines.append(text.replace(f"#{row.ticket.number}", f"[#{row.ticket.number}]({link})") if link else text)
    return lines


async def _topics(session: ReadSession, ticket_ids: Sequence[int]) -> dict[int, DeskTopic]:
    rows = await session.scalars(select(DeskTopic).where(DeskTopic.ticket_id.in_(ticket_ids)))
    return {row.ticket_id: row for row in rows}


def link_to(topic: DeskTopic | None) -> str | None:
    """The address of a case's topic, or of its card; a group that is no supergroup has none."""
    number = (topic.thread or topic.card) if topic else None
    if topic is None or number is None or not topic.chat.startswith("-100"):
        return None
    return f"https://t.me/c/{topic.chat.removeprefix('-100')}/{number}"


async def _lag(session: ReadSession, group: DeskGroup, now: datetime) -> float:
    """How old the oldest words are that no topic shows yet, in seconds."""
    oldest = min((since for _, since, _ in await _behind(session, group)), default=now)
    return (now - oldest).total_seconds()


async def _behind(session: ReadSession, group: DeskGroup) -> list[tuple[DeskTopic, datetime, int]]:
    """Topics with customers' words that they do not show: since when, how many."""
    query = (
        select(DeskTopic, func.min(Message.at), func.count(Message.id))
        .join(Ticket, Ticket.id == DeskTopic.ticket_id)
        .join(Conversation, Conversation.ticket_id == DeskTopic.ticket_id)
        .join(Message, (Message.conversation_id == Conversation.id) & (Message.id > DeskTopic.posted_message))
        .where(DeskTopic.account == group.account, DeskTopic.chat == group.chat, Message.author == Author.CUSTOMER)
        .where(Ticket.status.in_(LIVE))
        .group_by(DeskTopic.id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def digest(office: Office, group: DeskGroup) -> int:
    """One post that names the topics that are behind; what was written follows there, when its turn comes."""
    async with office.work("desk") as work:
        row = await work.session.get_one(DeskGroup, group.id, with_for_update=True, populate_existing=True)
        behind = sorted(await _behind(work.session, row), key=lambda one: one[1])[:_DIGEST_LINES]
        row.digest_at = work.now
        if not behind:
            return 0
        lines = [office.wording.say("digest.head")]
        for topic, _since, count in behind:
            ticket = await work.session.get_one(Ticket, topic.ticket_id)
            link = link_to(topic)
            number = f"[#{ticket.number}]({link})" if link else f"#{ticket.number}"
            lines.append(office.wording.say("digest.line", number=number, count=count))
        calls = post(row.chat, "\n".join(lines))
        key = f"digest:{row.id}:{work.now.timestamp()}"
        await outbox.enqueue(work.session, *drafts(row, calls, key, work.now))
    return len(calls)


def _print(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
