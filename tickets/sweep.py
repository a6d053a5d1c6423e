"""What time does to tickets: warnings, breaches, waits that are over, silence. Nothing here commits.

Each step looks up a few ids by an index, then works on locked tickets; it is safe to run at any time and twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from core.database import ReadSession
from tickets import clocks, desk, ending, repository, timeline
from tickets.models import Ticket, TicketClock
from tickets.policy import Work
from tickets.rules import Life
from tickets.values import LIVE, EventType, TicketStatus


async def find_due(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Ids of tickets with a promise that is about to break or is broken, and nobody has noted it."""
    is_late = TicketClock.due_at <= now
    query = (
        select(TicketClock.ticket_id)
        .where(
            TicketClock.since.is_not(None),
            TicketClock.breached_at.is_(None),
            TicketClock.warn_due_at <= now,
            or_(TicketClock.warned_at.is_(None), is_late),
        )
        .order_by(TicketClock.warn_due_at)
        .limit(limit)
    )
    return list(dict.fromkeys(await session.scalars(query)))


async def find_waits_over(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Ids of tickets on hold whose time has come."""
    query = select(Ticket.id).where(Ticket.status == TicketStatus.ON_HOLD, Ticket.waiting_until <= now)
    return list(await session.scalars(query.order_by(Ticket.id).limit(limit)))


async def find_silent(session: ReadSession, life: Life, now: datetime, limit: int) -> list[int]:
    """Ids of tickets whose customer has kept silent: to be warned, or to be closed."""
    quiet, closing = timedelta(days=life.silence_warn_days), _after_warning(life)
    pending, resolved = Ticket.status == TicketStatus.PENDING, Ticket.status == TicketStatus.RESOLVED
    query = select(Ticket.id).where(
        or_(
            and_(pending, Ticket.silence_warned_at.is_(None), Ticket.status_at <= now - quiet),
            and_(pending, Ticket.silence_warned_at <= now - closing),
            and_(resolved, Ticket.status_at <= now - timedelta(days=life.resolved_close_days)),
        )
    )
    return list(await session.scalars(query.order_by(Ticket.id).limit(limit)))


def _after_warning(life: Life) -> timedelta:
    return timedelta(days=life.silence_close_days - life.silence_warn_days)


async def lock(work: Work, ticket_ids: Sequence[int]) -> list[Ticket]:
    """The tickets as they are now, in the order of their ids, locked; what another process works on is left out."""
    query = select(Ticket).where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id)
    query = query.with_for_update(key_share=True, skip_locked=True)
    return list(await work.session.scalars(query.execution_options(populate_existing=True)))


async def note_promises(work: Work, ticket_ids: Sequence[int]) -> int:
    """Warnings and breaches of these tickets; how many were new."""
    count = 0
    tickets = [ticket for ticket in await lock(work, ticket_ids) if ticket.status in LIVE]
    rows = await repository.list_clocks(work.session, [ticket.id for ticket in tickets])
    for ticket in tickets:
        for row in rows[ticket.id].values():
            count += clocks.notice_warning(work, ticket, row) + clocks.notice_breach(work, ticket, row)
    await timeline.write(work)
    await work.session.flush()
    return count


async def end_waits(work: Work, ticket_ids: Sequence[int]) -> int:
    """Tickets on hold come back when their time has come."""
    tickets = [ticket for ticket in await lock(work, ticket_ids) if _wait_is_over(ticket, work.now)]
    for ticket in tickets:
        await desk.resume(work, ticket)
    return len(tickets)


def _wait_is_over(ticket: Ticket, now: datetime) -> bool:
    is_over = ticket.waiting_until is not None and ticket.waiting_until <= now
    return ticket.status is TicketStatus.ON_HOLD and is_over


async def end_silence(work: Work, ticket_ids: Sequence[int]) -> int:
    """Warns customers who keep silent, then closes; resolved tickets are closed without a word."""
    life = work.policy.rules.life
    count = 0
    for ticket in await lock(work, ticket_ids):
        quiet = work.now - ticket.status_at
        if ticket.status is TicketStatus.RESOLVED and quiet >= timedelta(days=life.resolved_close_days):
            await ending.lapse(work, ticket)
        elif ticket.status is TicketStatus.PENDING and ticket.silence_warned_at is None:
            _warn_of_silence(work, ticket, life)
        elif _is_silent_for_good(ticket, life, work.now):
            await ending.lapse(work, ticket)
        else:
            continue
        count += 1
    await work.session.flush()
    return count


def _warn_of_silence(work: Work, ticket: Ticket, life: Life) -> None:
    ticket.silence_warned_at = work.now
    closes = work.now + _after_warning(life)
    timeline.record(work, ticket, EventType.SILENCE_WARNED, data={"closes_at": closes.isoformat()})


def _is_silent_for_good(ticket: Ticket, life: Life, now: datetime) -> bool:
    warned = ticket.silence_warned_at
    return ticket.status is TicketStatus.PENDING and warned is not None and now - warned >= _after_warning(life)
