"""Times that agents write to customers: each is a promise with a reminder. Nothing here commits.

A time by which it will be settled is the ticket's dated plan, see `tickets.clocks.plan`.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import or_, select

from core.database import ReadSession
from tickets import clocks, sweep, timeline
from tickets.models import GivenWord, Ticket
from tickets.policy import Work
from tickets.sla import remind_at
from tickets.values import EventType, GivenTime


async def give(work: Work, ticket: Ticket, agent_id: int, times: Sequence[GivenTime]) -> None:
    """A locked ticket's customer was told these times at once; by the last that settles it, it will be settled."""
    for given in times:
        row = GivenWord(
            ticket_id=ticket.id, agent_id=agent_id, words=given.words, due_at=given.at,
            remind_at=remind_at(work.now, given.at), created_at=work.now,
        )  # fmt: skip
        work.session.add(row)
        data = {"due_at": given.at.astimezone(UTC).isoformat()}
        timeline.record(work, ticket, EventType.GAVE_WORD, text=given.words, data=data)
    await work.session.flush()
    planned = max((given.at for given in times if given.settles), default=None)
    if planned is not None:
        await clocks.plan(work, ticket, planned)


async def keep(work: Work, ticket: Ticket, times: Sequence[GivenTime] = ()) -> None:
    """The customer has heard from us, with these new times: what was promised before is done with. A date by which it
    will be settled holds until it is, or another one takes its place.
    """
    is_planned_anew = any(given.settles for given in times)
    plan = None if is_planned_anew else await clocks.find_plan(work.session, ticket)
    for given in await list_open(work.session, [ticket.id]):
        if given.due_at != plan:
            given.kept_at = work.now


async def take_off(work: Work, ticket: Ticket, agent_id: int, times: Collection[datetime]) -> None:
    """Other words took the place of those in which `agent_id` named these times: they bind no more."""
    for given in await list_open(work.session, [ticket.id]):
        if given.agent_id == agent_id and given.due_at in times:
            given.kept_at = work.now
    await clocks.unplan(work, ticket, times)


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
