"""What staff do with a ticket: take, assign, reply, note, escalate, wait, edit. Nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import InvalidInput
from staff import audit
from staff.models import Agent, Team
from staff.values import Actor, Role
from tickets import clocks, ending, repository, scoring, timeline
from tickets.models import Ticket, TicketEvent
from tickets.policy import Work
from tickets.status import Move
from tickets.values import (
    EventType,
    IllegalMove,
    NotYours,
    Severity,
    StaleVersion,
    TakenAlready,
    Target,
    TicketStatus,
)

#: What PATCH may change.
EDITABLE = ("severity", "priority", "category", "subject", "tags", "root_cause", "order_id", "order_verified")


@dataclass(frozen=True, slots=True)
class Hold:
    """Whom we wait for, and until when at most."""

    waiting_for: str
    until: datetime


async def lock_for(work: Work, number: int, actor: Actor, version: int | None = None) -> Ticket:
    """The ticket, locked, if `actor` may work on it: nobody's, their own, anybody's for a supervisor.

    Raises:
        TicketNotFound, NotYours
        StaleVersion: it is not at `version` any more.
    """
    ticket = await repository.lock_ticket(work.session, number)
    must_own(actor, ticket)
    check_version(ticket, version)
    note_reaction(work, ticket, actor)
    return ticket


def note_reaction(work: Work, ticket: Ticket, actor: Actor) -> None:
    """Whoever was given the ticket has seen it."""
    if ticket.assignee_id == actor.id and ticket.reacted_at is None:
        ticket.reacted_at = work.now


def may_work_on(actor: Actor, ticket: Ticket) -> bool:
    """Nobody's, their own, anybody's for a supervisor."""
    return ticket.assignee_id in (None, actor.id) or actor.is_at_least(Role.SUPERVISOR)


def must_own(actor: Actor, ticket: Ticket) -> None:
    """Raises NotYours."""
    if not may_work_on(actor, ticket):
        raise NotYours(f"ticket {ticket.number} is a colleague's; a supervisor may")


def check_version(ticket: Ticket, version: int | None) -> None:
    if version is not None and version != ticket.version:
        said = f"ticket {ticket.number} is at version {ticket.version} by now, not {version}; read it again"
        raise StaleVersion(said)


async def take(work: Work, number: int, actor: Actor) -> Ticket:
    """`actor` answers for it from here on. One's own again changes nothing.

    Raises:
        TicketNotFound, IllegalMove
        TakenAlready: somebody else has it.
    """
    ticket = await repository.lock_ticket(work.session, number)
    if ticket.assignee_id not in (None, actor.id):
        holder = await work.session.get_one(Agent, ticket.assignee_id)
        raise TakenAlready(f"{holder.name} has taken ticket {number}; a supervisor can assign it")
    return await claim(work, ticket, actor)


async def claim(work: Work, ticket: Ticket, actor: Actor) -> Ticket:
    """`take` for a ticket that is locked, and nobody's or the actor's own. Raises IllegalMove."""
    if ticket.assignee_id == actor.id and ticket.status is not TicketStatus.NEW:
        note_reaction(work, ticket, actor)
        return ticket
    ending.move(work, ticket, Move.TAKE)
    _edit(work, ticket, "tickets.take", {"assignee_id": actor.id})
    ticket.assigned_by, ticket.assigned_at, ticket.reacted_at = actor.name, work.now, work.now
    timeline.record(work, ticket, EventType.TAKEN, data={"assignee": actor.name})
    await work.session.flush()
    return ticket


async def assign(work: Work, ticket: Ticket, agent: Agent | None, team: Team | None) -> Ticket:
    """To a person, a team, or both. Another team's calendar holds for what is left of the promises.

    Raises:
        IllegalMove
        InvalidInput: to nobody, to another system, or to somebody who is gone.
    """
    if agent is None and team is None:
        raise InvalidInput("assign to an agent or a team", {"agent": "or team is needed"})
    if agent is not None and (agent.role is Role.CHANNEL or agent.disabled_at is not None):
        raise InvalidInput(f"{agent.name} does not work on tickets", {"agent": "does not work on tickets"})
    ending.move(work, ticket, Move.ASSIGN)
    values: dict[str, Any] = {"assignee_id": agent.id} if agent else {}
    if team is not None:
        # Whoever had it is not of the new team's choosing.
        values = {"assignee_id": None, **values, "team_id": team.id}
    had_it = ticket.assignee_id
    _edit(work, ticket, "tickets.assign", values)
    if ticket.assignee_id != had_it:
        ticket.assigned_by, ticket.assigned_at, ticket.reacted_at = work.actor, work.now, None
    data = {"assignee": agent.name if agent else None, "team": team.name if team else None}
    timeline.record(work, ticket, EventType.ASSIGNED, data=data)
    await work.session.flush()
    if team is not None:
        await scoring.promise_again(work, ticket)
    return ticket


async def replied(work: Work, ticket: Ticket, text: str, message_id: int | None = None) -> Ticket:
    """The customer has an answer: the promises of one are kept. Raises IllegalMove."""
    ending.move(work, ticket, Move.REPLY)
    await clocks.meet(work, ticket, Target.FIRST_RESPONSE, Target.NEXT_RESPONSE)
    ticket.answered_at, ticket.waiting_since = work.now, None
    timeline.record(work, ticket, EventType.REPLIED, text=text, data={"message": message_id})
    await work.session.flush()
    return ticket


async def note(work: Work, ticket: Ticket, text: str, attachments: Sequence[str] = ()) -> TicketEvent:
    """Words that stay among us."""
    noted = timeline.record(work, ticket, EventType.NOTED, text=text, data={"attachments": list(attachments)})
    await work.session.flush()
    return noted


async def escalate(work: Work, ticket: Ticket, text: str | None = None) -> Ticket:
    """A supervisor hears of it. Raises IllegalMove."""
    ending.move(work, ticket, Move.ESCALATE)
    ticket.escalated_to = clocks.higher(ticket.escalated_to, "supervisor")
    timeline.record(work, ticket, EventType.ESCALATED, text=text, data={"to": "supervisor"})
    await work.session.flush()
    return ticket


async def pend(work: Work, ticket: Ticket) -> Ticket:
    """We wait for the customer; promises stand still. Raises IllegalMove."""
    return await _wait(work, ticket, Move.PEND, EventType.PENDING, {})


async def hold(work: Work, ticket: Ticket, until: Hold) -> Ticket:
    """We wait for a third party; promises stand still. Raises IllegalMove, InvalidInput for a time that has passed."""
    if until.until <= work.now:
        raise InvalidInput("until when? that time has passed", {"until": "has passed"})
    data = {"waiting_for": until.waiting_for, "until": until.until.isoformat()}
    await _wait(work, ticket, Move.HOLD, EventType.HELD, data)
    ticket.waiting_for, ticket.waiting_until = until.waiting_for, until.until
    await work.session.flush()
    return ticket


async def _wait(work: Work, ticket: Ticket, what: Move, kind: EventType, data: Mapping[str, Any]) -> Ticket:
    was_paused = ticket.status.is_paused
    ending.move(work, ticket, what)
    if not was_paused:
        await clocks.pause(work, ticket)
    timeline.record(work, ticket, kind, data=data)
    await work.session.flush()
    return ticket


async def resume(work: Work, ticket: Ticket) -> Ticket:
    """The wait is over; promises go on. Raises IllegalMove."""
    ending.move(work, ticket, Move.RESUME)
    await clocks.resume(work, ticket)
    timeline.record(work, ticket, EventType.RESUMED)
    await work.session.flush()
    return ticket


async def edit(work: Work, ticket: Ticket, values: Mapping[str, Any]) -> Ticket:
    """Writes fields of EDITABLE. A severity or priority that a person sets is kept from then on.

    Raises:
        IllegalMove: the ticket is closed.
        InvalidInput: there is no such category or root cause.
    """
    if ticket.status is TicketStatus.CLOSED:
        raise IllegalMove("a closed ticket is not edited; reopen it first")
    check_names(work, values)
    changed = {name: value for name, value in values.items() if getattr(ticket, name) != value}
    ticket.severity_kept = ticket.severity_kept or "severity" in values
    ticket.priority_kept = ticket.priority_kept or "priority" in values
    if "severity" in changed and not ticket.priority_kept:
        changed["priority"] = Severity(changed["severity"]).priority
    before = {name: getattr(ticket, name) for name in changed}
    _edit(work, ticket, "tickets.change", changed)
    if changed:
        shown = {name: [_plain(before[name]), _plain(value)] for name, value in changed.items()}
        timeline.record(work, ticket, EventType.CHANGED, data={"changes": shown})
    await work.session.flush()
    if "severity" in changed:
        await scoring.promise_again(work, ticket)
    elif changed.keys() & {"category", "order_id"}:
        await scoring.rate(work, ticket)
    return ticket


def check_names(work: Work, values: Mapping[str, Any]) -> None:
    """Raises InvalidInput for a category or root cause that is not on the list."""
    ending.checked_cause(work, values.get("root_cause"))
    category = values.get("category")
    if category is not None and work.policy.rules.find_category(category) is None:
        known = ", ".join(one.id for one in work.policy.rules.category)
        raise InvalidInput(f"there is no category {category!r}; there are: {known}", {"category": "unknown"})


def _edit(work: Work, ticket: Ticket, action: str, values: Mapping[str, Any]) -> None:
    """Sets what differs, as one edit: a new version and a line in the book, texts by name only."""
    changed = {name: value for name, value in values.items() if getattr(ticket, name) != value}
    if not changed:
        return
    book = {name: (_plain(getattr(ticket, name)), _plain(v)) for name, v in changed.items() if name != "subject"}
    for name, value in changed.items():
        setattr(ticket, name, value)
    ticket.version += 1
    ticket.updated_at = work.now
    audit.record(
        work.session, actor=work.actor, action=action, object=f"ticket:{ticket.number}", now=work.now, changes=book
    )


def _plain(value: Any) -> Any:
    return value.value if hasattr(value, "value") else value
