"""The queue: what waits, for whom, in which order. Each view is one statement. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select

from core.database import ReadSession
from staff.models import TeamMember
from tickets.models import Ticket, TicketClock
from tickets.policy import Work
from tickets.repository import TicketFilter
from tickets.values import LIVE, TicketKind, TicketStatus

#: Kinds that somebody waits for an answer to.
_OWED = (TicketKind.COMPLAINT, TicketKind.QUESTION)


#: What somebody has to work on now.
TO_DO = (TicketStatus.NEW, TicketStatus.OPEN)


@dataclass(frozen=True, slots=True)
class Queued:
    """A ticket in the queue. `due_at`: the promise that breaks first; None while all stand still."""

    ticket: Ticket
    due_at: datetime | None


def _due() -> ColumnElement[datetime | None]:
    """The promise of a ticket that breaks first."""
    query = select(func.min(TicketClock.due_at)).where(
        TicketClock.ticket_id == Ticket.id, TicketClock.since.is_not(None), TicketClock.met_at.is_(None)
    )
    return query.scalar_subquery()


def _live(now: datetime) -> Select[Ticket, datetime | None]:
    """Live tickets that are not put aside, the most urgent first."""
    due = _due()
    query = select(Ticket, due.label("due_at")).where(Ticket.status.in_(LIVE))
    query = query.where(or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= now))
    return query.order_by(Ticket.priority, due.is_(None), due, Ticket.id)


async def _listed(session: ReadSession, query: Select[Ticket, datetime | None], limit: int) -> list[Queued]:
    return [Queued(ticket, due_at) for ticket, due_at in await session.execute(query.limit(limit))]


async def list_mine(session: ReadSession, agent_id: int, now: datetime, limit: int = 50) -> list[Queued]:
    """What somebody answers for, waits for third parties and customers included."""
    return await _listed(session, _live(now).where(Ticket.assignee_id == agent_id), limit)


async def list_unassigned(session: ReadSession, now: datetime, limit: int = 50) -> list[Queued]:
    """What nobody answers for."""
    return await _listed(session, _live(now).where(Ticket.assignee_id.is_(None)), limit)


async def list_urgent(session: ReadSession, now: datetime, limit: int = 50) -> list[Queued]:
    """Whoever's they are."""
    return await _listed(session, _live(now), limit)


async def list_due(session: ReadSession, now: datetime, limit: int = 50) -> list[Queued]:
    """What is about to break its promise, or has; the soonest first. What is put aside is shown too."""
    due = _due()
    warned = select(TicketClock.ticket_id).where(
        TicketClock.since.is_not(None), TicketClock.met_at.is_(None), TicketClock.warn_due_at <= now
    )
    query = select(Ticket, due.label("due_at")).where(Ticket.status.in_(LIVE), Ticket.id.in_(warned))
    return await _listed(session, query.order_by(due, Ticket.id), limit)


async def list_waiting(session: ReadSession, limit: int = 50) -> list[Queued]:
    """What waits for the customer, the longest first."""
    query = select(Ticket, _due().label("due_at")).where(Ticket.status == TicketStatus.PENDING)
    return await _listed(session, query.order_by(Ticket.status_at, Ticket.id), limit)


async def find(session: ReadSession, text: str, limit: int = 20) -> list[Queued]:
    """By number (`#1042`), customer (name, number, the end of the phone) or words; the newest first."""
    query = TicketFilter(text=text).narrow(select(Ticket, _due().label("due_at")))
    return await _listed(session, query.order_by(Ticket.id.desc()), limit)


async def lock_next(work: Work, agent_id: int) -> Ticket | None:
    """The most urgent ticket that is nobody's, locked: what another one is taking at this moment is passed over.

    Of somebody in teams, those of their teams and of none.
    """
    teams = list(await work.session.scalars(select(TeamMember.team_id).where(TeamMember.agent_id == agent_id)))
    query = _live(work.now).where(Ticket.assignee_id.is_(None), Ticket.kind.in_(_OWED))
    if teams:
        query = query.where(or_(Ticket.team_id.is_(None), Ticket.team_id.in_(teams)))
    locked = query.limit(1).with_for_update(of=Ticket, skip_locked=True).execution_options(populate_existing=True)
    row = (await work.session.execute(locked)).first()
    return row[0] if row else None


async def count_open(session: ReadSession, agent_ids: Sequence[int]) -> dict[int, int]:
    """How many tickets each has to work on now: live, and not waiting for the customer or a third party."""
    query = select(Ticket.assignee_id, func.count()).where(
        Ticket.assignee_id.in_(agent_ids), Ticket.status.in_(TO_DO)
    )
    rows = await session.execute(query.group_by(Ticket.assignee_id))
    return {agent_id: count for agent_id, count in rows if agent_id is not None}
