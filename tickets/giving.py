"""Giving tickets to people by themselves, and taking them back from those who do not react. Nothing here commits.

Only to who has a capacity and is there; a shop that sets none gives nothing away, and everybody takes what they choose.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from core.database import ReadSession
from customers.models import Customer
from staff.availability import is_there, state_of
from staff.models import Agent, TeamMember
from staff.values import Availability
from tickets import clocks, queue, sweep, timeline
from tickets.assignment import Candidate, Given, Needs, choose
from tickets.models import Ticket, TicketClock
from tickets.policy import Work
from tickets.values import LIVE, EventType, TicketKind

#: Who gave a ticket that nobody gave.
RULES = "rules"
#: Opening time within which whoever was given a ticket shows a sign.
REACT_WITHIN = timedelta(minutes=15)
#: Tickets in one look: those that fit nobody must not cost a visit each time.
_AT_MOST = 200
#: So many of a customer's newest tickets tell who knows them.
_KNOWN_FROM = 5


async def find_unassigned(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Ids of the most urgent tickets that wait for somebody, if there is anybody with room for one."""
    load = select(func.count()).where(Ticket.assignee_id == Agent.id, Ticket.status.in_(queue.TO_DO))
    anybody = select(Agent.id).where(Agent.capacity > load.scalar_subquery(), is_there(now)).limit(1)
    if await session.scalar(anybody) is None:
        return []
    query = (
        select(Ticket.id)
        .where(Ticket.status.in_(LIVE), Ticket.assignee_id.is_(None))
        .where(Ticket.kind.in_((TicketKind.COMPLAINT, TicketKind.QUESTION)))
        .where(or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= now))
        .order_by(Ticket.priority, Ticket.id)
        .limit(min(limit, _AT_MOST))
    )
    return list(await session.scalars(query))


async def give_all(work: Work, ticket_ids: Sequence[int]) -> int:
    """Gives each to whoever fits best; how many were given."""
    tickets = {ticket.id: ticket for ticket in await sweep.lock(work, ticket_ids)}
    given = [await _give(work, tickets[one]) for one in ticket_ids if one in tickets]
    await work.session.flush()
    return sum(given)


async def _give(work: Work, ticket: Ticket) -> bool:
    if ticket.assignee_id is not None or not ticket.status.is_live:
        return False
    found = choose(await _candidates(work, ticket), await _needs(work, ticket))
    if found is None:
        return False
    _assign(work, ticket, found)
    await work.session.flush()
    return True


def _assign(work: Work, ticket: Ticket, found: Given) -> None:
    ticket.assignee_id, ticket.assigned_by = found.to.agent_id, RULES
    ticket.assigned_at, ticket.reacted_at = work.now, None
    ticket.version += 1
    data = {"assignee": found.to.name, "team": None, "because": found.because}
    timeline.record(work, ticket, EventType.ASSIGNED, data=data)


async def _needs(work: Work, ticket: Ticket) -> Needs:
    language = await work.session.scalar(select(Customer.language).where(Customer.id == ticket.customer_id))
    return Needs(language, ticket.team_id is not None, frozenset(ticket.passed_over))


async def _candidates(work: Work, ticket: Ticket) -> list[Candidate]:
    """Everybody who is there and has a capacity, locked: two tickets are not given to one last place."""
    there = select(Agent).where(Agent.capacity > 0, is_there(work.now)).order_by(Agent.id).with_for_update()
    agents = list(await work.session.scalars(there.execution_options(populate_existing=True)))
    ids = [agent.id for agent in agents]
    load = await queue.count_open(work.session, ids)
    members = set(await work.session.scalars(select(TeamMember.agent_id).where(TeamMember.team_id == ticket.team_id)))
    known = await _who_knew(work.session, ticket)
    given = select(Ticket.assignee_id, func.max(Ticket.assigned_at)).where(Ticket.assignee_id.in_(ids))
    last = {row[0]: row[1] for row in await work.session.execute(given.group_by(Ticket.assignee_id))}
    return [
        Candidate(
            agent.id, agent.name, agent.capacity or 0, load.get(agent.id, 0), agent.language,
            agent.id in members, agent.id in known, last.get(agent.id),
        )
        for agent in agents
    ]  # fmt: skip


async def _who_knew(session: ReadSession, ticket: Ticket) -> set[int]:
    query = select(Ticket.assignee_id).where(Ticket.customer_id == ticket.customer_id, Ticket.id != ticket.id)
    newest = query.where(Ticket.assignee_id.is_not(None)).order_by(Ticket.id.desc()).limit(_KNOWN_FROM)
    return {one for one in await session.scalars(newest) if one is not None}


async def find_unanswered(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Ids of tickets that were given to somebody who has shown no sign, or who is away while a promise is at risk."""
    ignored = and_(Ticket.assigned_by == RULES, Ticket.reacted_at.is_(None), Ticket.assigned_at <= now - REACT_WITHIN)
    at_risk = select(TicketClock.ticket_id).where(
        TicketClock.since.is_not(None), TicketClock.met_at.is_(None), TicketClock.warn_due_at <= now
    )
    away = select(Agent.id).where(~is_there(now))
    query = select(Ticket.id).where(
        Ticket.status.in_(LIVE),
        Ticket.assignee_id.is_not(None),
        or_(ignored, and_(Ticket.assignee_id.in_(away), Ticket.id.in_(at_risk))),
    )
    return list(await session.scalars(query.order_by(Ticket.id).limit(limit)))


async def take_back_all(work: Work, ticket_ids: Sequence[int]) -> int:
    """Back into the queue, with who did not react; how many."""
    taken = [await _take_back(work, ticket) for ticket in await sweep.lock(work, ticket_ids)]
    await work.session.flush()
    return sum(taken)


async def _take_back(work: Work, ticket: Ticket) -> bool:
    if ticket.assignee_id is None or not ticket.status.is_live:
        return False
    agent = await work.session.get_one(Agent, ticket.assignee_id)
    because = await _why(work, ticket, agent)
    if because is None:
        return False
    if because == "no_reaction":
        ticket.passed_over = [*ticket.passed_over, agent.name]
    release(work, ticket, agent, because)
    return True


async def _why(work: Work, ticket: Ticket, agent: Agent) -> str | None:
    if state_of(agent, work.now) is Availability.AWAY:
        return "away"
    if ticket.assigned_by != RULES or ticket.reacted_at is not None or ticket.assigned_at is None:
        return None
    hours = await clocks.hours_of(work, ticket)
    return "no_reaction" if hours.open.between(ticket.assigned_at, work.now) >= REACT_WITHIN else None


def release(work: Work, ticket: Ticket, agent: Agent, because: str) -> None:
    """Nobody answers for a locked ticket any more, and why not."""
    ticket.assignee_id = ticket.assigned_by = ticket.assigned_at = ticket.reacted_at = None
    ticket.version += 1
    timeline.record(work, ticket, EventType.UNASSIGNED, data={"from": agent.name, "because": because})
