"""Customers whom we shall keep waiting: told before the promise breaks, with a new time and a name. Nothing commits.

Whoever speaks to customers asks `find_late`, then `promise_anew` within the transaction that says it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.database import ReadSession
from staff.models import Agent
from tickets import clocks, timeline
from tickets.models import Ticket, TicketClock
from tickets.policy import Work
from tickets.sla import later
from tickets.values import EventType, Target

_IS_LATE = (
    TicketClock.since.is_not(None),
    TicketClock.breached_at.is_(None),
    TicketClock.warned_at.is_not(None),
    TicketClock.told_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Late:
    """What to say: we said `promised_at`, it will be `new_at`; `name` is on it (None: nobody has taken it)."""

    ticket: Ticket
    target: Target
    promised_at: datetime
    new_at: datetime
    name: str | None


async def find_late(session: ReadSession, now: datetime, limit: int) -> Sequence[int]:
    """Ids of tickets with a promise that was warned of, is not broken yet, and of which nobody was told."""
    query = select(TicketClock.ticket_id).where(*_IS_LATE, TicketClock.due_at > now)
    return list(dict.fromkeys(await session.scalars(query.order_by(TicketClock.due_at).limit(limit))))


async def promise_anew(work: Work, ticket: Ticket) -> Late | None:
    """A new time for a locked ticket, once a promise; None when there is nothing (more) to say.

    The promise itself stays: it is measured, and breaks, by what was said first. Of an answer and an end that are both
    late the answer is spoken of.
    """
    query = select(TicketClock).where(*_IS_LATE, TicketClock.due_at > work.now, TicketClock.ticket_id == ticket.id)
    rows = {row.target: row for row in await work.session.scalars(query)}
    row = next((rows[target] for target in Target if target in rows), None)
    return await _promise(work, ticket, row) if row else None


async def _promise(work: Work, ticket: Ticket, row: TicketClock) -> Late:
    assert row.due_at is not None
    hours = await clocks.hours_of(work, ticket)
    row.told_at = later(hours.counted(row.count), row.due_at, clocks.clock_of(row).within)
    data = {"target": row.target.value, "promised_at": row.due_at.isoformat(), "new_at": row.told_at.isoformat()}
    timeline.record(work, ticket, EventType.PROMISED, data=data)
    await work.session.flush()
    agent = await work.session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    return Late(ticket, row.target, row.due_at, row.told_at, (agent.alias or agent.name) if agent else None)
