"""Tickets that are put aside until a time and come back by themselves. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core.database import ReadSession
from core.errors import InvalidInput
from tickets import sweep, timeline
from tickets.models import Ticket
from tickets.policy import Work
from tickets.values import EventType, IllegalMove


async def snooze(work: Work, ticket: Ticket, until: datetime) -> Ticket:
    """Out of the queue until then; its promises go on.

    Raises:
        IllegalMove: it has ended.
        InvalidInput: the time has passed.
    """
    if not ticket.status.is_live:
        raise IllegalMove(f"ticket {ticket.number} has ended; there is nothing to come back to")
    if until <= work.now:
        raise InvalidInput("until when? that time has passed", {"until": "has passed"})
    ticket.snoozed_until = until
    timeline.record(work, ticket, EventType.SNOOZED, data={"until": until.isoformat()})
    await work.session.flush()
    return ticket


def wake(work: Work, ticket: Ticket) -> None:
    """It is back in the queue; nothing happens to one that was there."""
    if ticket.snoozed_until is not None:
        ticket.snoozed_until = None
        timeline.record(work, ticket, EventType.WOKEN)


async def find_over(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Ids of tickets whose time has come."""
    query = select(Ticket.id).where(Ticket.snoozed_until <= now).order_by(Ticket.id).limit(limit)
    return list(await session.scalars(query))


async def wake_all(work: Work, ticket_ids: Sequence[int]) -> int:
    over = [
        ticket
        for ticket in await sweep.lock(work, ticket_ids)
        if ticket.snoozed_until is not None and ticket.snoozed_until <= work.now
    ]
    for ticket in over:
        wake(work, ticket)
    await work.session.flush()
    return len(over)
