"""What waits, for whom, and how long, in figures. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from core.database import ReadSession
from staff.models import Agent, Team
from tickets.models import Ticket, TicketClock
from tickets.queue import Queued, list_due
from tickets.values import LIVE, TicketStatus


@dataclass(frozen=True, slots=True)
class Share:
    """What one person (None: nobody) or team has in the queue. `waiting_since`: the customer who waits longest."""

    name: str | None
    open: int
    pending: int
    on_hold: int
    snoozed: int
    late: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class QueueReport:
    """`late`: promises that are broken or about to be, the worst first."""

    total: Share
    agents: tuple[Share, ...]
    teams: tuple[Share, ...]
    late: tuple[Queued, ...]


async def read(session: ReadSession, now: datetime, limit: int = 20) -> QueueReport:
    """Five statements, however much waits."""
    total = await _shares(session, now, None)
    return QueueReport(
        total=total[0],
        agents=tuple(await _shares(session, now, Agent)),
        teams=tuple(await _shares(session, now, Team)),
        late=tuple(await list_due(session, now, limit)),
    )


async def _shares(session: ReadSession, now: datetime, of: type[Agent | Team] | None) -> Sequence[Share]:
    """By whose they are; of everybody as one."""
    name = of.name if of is not None else None
    query = select(name, *_figures(now)) if name is not None else select(*_figures(now))
    query = query.select_from(Ticket).where(Ticket.status.in_(LIVE))
    if of is Agent:
        query = query.outerjoin(Agent, Agent.id == Ticket.assignee_id)
    elif of is Team:
        query = query.join(Team, Team.id == Ticket.team_id)
    if name is not None:
        query = query.group_by(name).order_by(name.is_not(None), name)
    rows = (await session.execute(query)).all()
    return [_share(row if name is not None else (None, *row)) for row in rows]


def _figures(now: datetime) -> tuple[ColumnElement[Any], ...]:
    late = select(TicketClock.id).where(
        TicketClock.ticket_id == Ticket.id, TicketClock.since.is_not(None), TicketClock.due_at <= now
    )
    return (
        _count(Ticket.status.in_((TicketStatus.NEW, TicketStatus.OPEN))),
        _count(Ticket.status == TicketStatus.PENDING),
        _count(Ticket.status == TicketStatus.ON_HOLD),
        _count(and_(Ticket.snoozed_until.is_not(None), Ticket.snoozed_until > now)),
        _count(late.exists()),
        func.min(Ticket.waiting_since),
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _share(row: Sequence[Any]) -> Share:
    return Share(*row)
