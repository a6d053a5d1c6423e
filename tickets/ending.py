"""How tickets end and come back: resolve, reopen, close, withdraw, merge, link. Nothing here commits."""

from datetime import timedelta

from sqlalchemy import func, or_, select

from core.errors import InvalidInput
from customers.task_models import Task
from customers.values import TaskKind, TaskState
from staff import audit
from staff.models import Agent
from staff.values import Role
from tickets import clocks, scoring, sla, timeline
from tickets.models import Ticket, TicketEvent, TicketLink
from tickets.policy import Work
from tickets.status import Move, after
from tickets.values import (
    EventType,
    IllegalMove,
    Resolution,
    RootCauseMissing,
    Target,
    TicketStatus,
)


def move(work: Work, ticket: Ticket, what: Move) -> None:
    """Brings the ticket to where the table says. What was waited for is over once it is live again.

    Raises:
        IllegalMove
    """
    before, ticket.status = ticket.status, after(what, ticket.status)
    ticket.updated_at = work.now
    if ticket.status is not before:
        ticket.status_at = work.now
        ticket.version += 1
        changes = {"status": (before.value, ticket.status.value)}
        audit.record(
            work.session, actor=work.actor, action=f"tickets.{what.value}", object=f"ticket:{ticket.number}",
            now=work.now, changes=changes,
        )  # fmt: skip
    if ticket.status is not TicketStatus.ON_HOLD:
        ticket.waiting_for = ticket.waiting_until = None


async def resolve(work: Work, ticket: Ticket, text: str | None = None, root_cause: str | None = None) -> Ticket:
    """Solved, as far as we know; the customer may say otherwise.

    Raises:
        IllegalMove
        RootCauseMissing: it is severe, and nobody has named the cause.
        InvalidInput: there is no such cause.
    """
    cause = checked_cause(work, root_cause) or ticket.root_cause
    if ticket.severity.is_severe and cause is None:
        known = ", ".join(one.id for one in work.policy.rules.root_cause)
        said = f"a {ticket.severity.value} ticket needs its root cause: {known}"
        raise RootCauseMissing(said, {"root_cause": "missing"})
    move(work, ticket, Move.RESOLVE)
    ticket.root_cause, ticket.resolution, ticket.resolved_at = cause, Resolution.SOLVED, work.now
    await clocks.meet(work, ticket, *Target)
    timeline.record(work, ticket, EventType.RESOLVED, text=text, data={"root_cause": cause})
    await work.session.flush()
    if cause is not None:
        await _ask_to_prevent(work, ticket, cause)
    return ticket


def checked_cause(work: Work, cause: str | None) -> str | None:
    """Raises InvalidInput for one that is not on the list."""
    known = [one.id for one in work.policy.rules.root_cause]
    if cause is not None and cause not in known:
        said = f"there is no root cause {cause!r}; there are: {', '.join(known)}"
        raise InvalidInput(said, {"root_cause": "unknown"})
    return cause


async def _ask_to_prevent(work: Work, ticket: Ticket, cause: str) -> None:
    """A cause that comes back asks for something that keeps it from coming: once a cause and month."""
    life = work.policy.rules.life
    since = work.now - timedelta(days=life.cause_days)
    query = select(func.count()).select_from(Ticket).where(Ticket.root_cause == cause, Ticket.resolved_at >= since)
    key = f"prevent:{cause}:{work.policy.month(work.now)}"
    known = await work.session.scalar(select(Task.id).where(Task.dedupe_key == key))
    count = await work.session.scalar(query) or 0
    if known is not None or count < life.cause_repeats:
        return
    data = {"root_cause": cause, "times": count, "days": life.cause_days, "ticket": ticket.number}
    due = work.now + timedelta(days=life.prevent_within_days)
    task = Task(
        kind=TaskKind.PREVENT, subject=f"prevent:{cause}", dedupe_key=key, data=data, due_at=due,
        assignee_id=ticket.assignee_id or await _who_prevents(work), created_at=work.now,
    )  # fmt: skip
    work.session.add(task)
    await work.session.flush()


async def _who_prevents(work: Work) -> int | None:
    """Whoever resolved the ticket that is nobody's, else the supervisor, else the admin, who has the least to do."""
    to_do = select(func.count()).where(Task.assignee_id == Agent.id, Task.state.in_((TaskState.OPEN, TaskState.TAKEN)))
    may_lead = Agent.role.in_((Role.SUPERVISOR, Role.ADMIN))
    query = select(Agent.id).where(Agent.disabled_at.is_(None), or_(Agent.name == work.actor, may_lead))
    order = ((Agent.name == work.actor).desc(), (Agent.role == Role.SUPERVISOR).desc(), to_do.scalar_subquery())
    return await work.session.scalar(query.where(Agent.role != Role.CHANNEL).order_by(*order, Agent.id).limit(1))


async def reopen(work: Work, ticket: Ticket, text: str | None = None) -> Ticket:
    """It is not solved after all: promises begin anew, what was broken stays so.

    Raises:
        IllegalMove: it is live, or was merged into another.
    """
    if ticket.merged_into_id is not None:
        raise IllegalMove("this ticket was merged; go on with the one that it was merged into")
    move(work, ticket, Move.REOPEN)
    ticket.reopened += 1
    ticket.resolution = ticket.resolved_at = ticket.closed_at = ticket.silence_warned_at = None
    ticket.waiting_since = work.now
    timeline.record(work, ticket, EventType.REOPENED, text=text)
    await scoring.rate(work, ticket)
    if ticket.kind.has_clock:
        facts = await scoring.gather(work.session, work.policy, ticket, work.now)
        rule = sla.choose(facts, ticket.severity, work.policy.rules)
        await clocks.start(work, ticket, rule, Target.NEXT_RESPONSE, Target.RESOLUTION)
    await work.session.flush()
    return ticket


async def close(work: Work, ticket: Ticket, text: str | None = None) -> Ticket:
    """The end of a resolved ticket. Raises IllegalMove."""
    return await _end(work, ticket, Move.CLOSE, EventType.CLOSED, ticket.resolution or Resolution.SOLVED, text)


async def lapse(work: Work, ticket: Ticket) -> Ticket:
    """The end of a ticket whose customer kept silent."""
    how = Resolution.SILENT if ticket.status is TicketStatus.PENDING else ticket.resolution or Resolution.SOLVED
    return await _end(work, ticket, Move.LAPSE, EventType.CLOSED, how, None)


async def withdraw(work: Work, ticket: Ticket, text: str | None = None) -> Ticket:
    """Raises IllegalMove: it has ended already."""
    return await _end(work, ticket, Move.WITHDRAW, EventType.WITHDRAWN, Resolution.WITHDRAWN, text)


async def merge(work: Work, source: Ticket, into: Ticket) -> Ticket:
    """`source` ends; its words, promises and links go on in `into`.

    Raises:
        IllegalMove: one of them has ended, or they are one, or of two customers.
    """
    if source.id == into.id or source.customer_id != into.customer_id:
        raise IllegalMove("only two different tickets of one customer can be merged")
    if not into.status.is_live:
        raise IllegalMove(f"ticket {into.number} has ended; merge into a live one")
    await clocks.take_over(work, source, into)
    source.merged_into_id = into.id
    await _end(work, source, Move.MERGE, EventType.MERGED, Resolution.MERGED, None, {"into": into.number})
    timeline.record(work, into, EventType.MERGED, data={"from": source.number, "said": await _words(work, source)})
    into.words = sorted({*into.words, *source.words})
    into.waiting_since = min(filter(None, (into.waiting_since, source.waiting_since)), default=None)
    await scoring.rate(work, into)
    await work.session.flush()
    return into


async def _words(work: Work, ticket: Ticket) -> list[str]:
    """What the customer said in it, so that the surviving timeline tells the whole matter."""
    kinds = (EventType.OPENED, EventType.SAID)
    query = select(TicketEvent.text).where(TicketEvent.ticket_id == ticket.id, TicketEvent.type.in_(kinds))
    return [text for text in await work.session.scalars(query.order_by(TicketEvent.id)) if text]


async def _end(
    work: Work,
    ticket: Ticket,
    what: Move,
    kind: EventType,
    how: Resolution,
    text: str | None,
    data: dict[str, object] | None = None,
) -> Ticket:
    move(work, ticket, what)
    ticket.resolution, ticket.closed_at, ticket.waiting_since = how, work.now, None
    await clocks.meet(work, ticket, *Target)
    timeline.record(work, ticket, kind, text=text, data={"resolution": how.value, **(data or {})})
    await work.session.flush()
    return ticket


async def link(work: Work, ticket: Ticket, other: Ticket) -> None:
    """Marks both as about one matter; again changes nothing. Raises IllegalMove for one with itself."""
    if ticket.id == other.id:
        raise IllegalMove("a ticket is not linked with itself")
    if await _find_link(work, ticket, other) is not None:
        return
    one, two = sorted((ticket.id, other.id))
    work.session.add(TicketLink(one_id=one, other_id=two))
    timeline.record(work, ticket, EventType.LINKED, data={"to": other.number})
    timeline.record(work, other, EventType.LINKED, data={"to": ticket.number})
    await work.session.flush()


async def unlink(work: Work, ticket: Ticket, other: Ticket) -> None:
    """Raises IllegalMove when they are not linked."""
    found = await _find_link(work, ticket, other)
    if found is None:
        raise IllegalMove(f"tickets {ticket.number} and {other.number} are not linked")
    await work.session.delete(found)
    timeline.record(work, ticket, EventType.UNLINKED, data={"to": other.number})
    timeline.record(work, other, EventType.UNLINKED, data={"to": ticket.number})
    await work.session.flush()


async def _find_link(work: Work, ticket: Ticket, other: Ticket) -> TicketLink | None:
    one, two = sorted((ticket.id, other.id))
    return await work.session.scalar(select(TicketLink).where(TicketLink.one_id == one, TicketLink.other_id == two))
