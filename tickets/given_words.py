"""Times that agents write to customers: each is a promise with a reminder. Nothing here commits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from core.database import ReadSession
from tickets import sweep, timeline
from tickets.models import GivenWord, Ticket
from tickets.policy import Work
from tickets.values import EventType

#: The reminder comes so long before the time, or halfway there when that is later.
REMIND_BEFORE = timedelta(minutes=30)


def remind_at(now: datetime, due_at: datetime) -> datetime:
    """When to remind of a time that was written `now`."""
    return max(due_at - REMIND_BEFORE, now + (due_at - now) / 2)


async def give(work: Work, ticket: Ticket, agent_id: int, words: str, due_at: datetime) -> GivenWord:
    """A locked ticket's customer was told this time."""
    given = GivenWord(
        ticket_id=ticket.id, agent_id=agent_id, words=words, due_at=due_at, remind_at=remind_at(work.now, due_at),
        created_at=work.now,
    )  # fmt: skip
    work.session.add(given)
    timeline.record(work, ticket, EventType.GAVE_WORD, text=words, data={"due_at": due_at.isoformat()})
    await work.session.flush()
    return given


async def keep(work: Work, ticket: Ticket) -> None:
    """The customer has heard from us: what was promised before is done with."""
    for given in await list_open(work.session, [ticket.id]):
        given.kept_at = work.now


async def take_off(work: Work, ticket: Ticket, agent_id: int, times: Collection[datetime]) -> None:
    """Other words took the place of those in which `agent_id` named these times: they bind no more."""
    for given in await list_open(work.session, [ticket.id]):
        if given.agent_id == agent_id and given.due_at in times:
            given.kept_at = work.now


async def list_open(session: ReadSession, ticket_ids: Sequence[int]) -> list[GivenWord]:
    """What still binds, the earliest first."""
    query = select(GivenWord).where(
        GivenWord.ticket_id.in_(ticket_ids), GivenWord.kept_at.is_(None), GivenWord.passed_at.is_(None)
    )
    return list(await session.scalars(query.order_by(GivenWord.due_at, GivenWord.id)))


async def find_due(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Ids of tickets with a given word to be reminded of, or that has passed."""
    query = select(GivenWord.ticket_id).where(
        GivenWord.kept_at.is_(None),
        GivenWord.passed_at.is_(None),
        GivenWord.remind_at <= now,
        or_(GivenWord.reminded_at.is_(None), GivenWord.due_at <= now),
    )
    return list(dict.fromkeys(await session.scalars(query.order_by(GivenWord.remind_at).limit(limit))))


async def note_all(work: Work, ticket_ids: Sequence[int]) -> int:
    """Reminds, or notes that a time has passed; each once. What has ended binds nobody any more."""
    tickets = {ticket.id: ticket for ticket in await sweep.lock(work, ticket_ids)}
    count = 0
    for given in await list_open(work.session, list(tickets)):
        count += _note(work, tickets[given.ticket_id], given)
    await work.session.flush()
    return count


def _note(work: Work, ticket: Ticket, given: GivenWord) -> bool:
    data = {"due_at": given.due_at.isoformat(), "agent": given.agent_id}
    if not ticket.status.is_live:
        given.kept_at = work.now
    elif given.due_at <= work.now:
        given.passed_at = work.now
        timeline.record(work, ticket, EventType.WORD_PASSED, text=given.words, data=data)
    elif given.reminded_at is None and given.remind_at <= work.now:
        given.reminded_at = work.now
        timeline.record(work, ticket, EventType.REMINDED, text=given.words, data=data)
    else:
        return False
    return True
