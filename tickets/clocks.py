"""The clocks of a ticket's promises, as they are kept: started, paused, met, broken. Nothing here commits."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.database import ReadSession
from staff import audit
from tickets import repository, timeline
from tickets.models import Ticket, TicketClock
from tickets.policy import Work
from tickets.rules import SlaRule
from tickets.sla import Clock, Hours, escalations, new_clock
from tickets.values import EventType, Reason, Target

_LEVELS = (None, "person", "supervisor")
#: What a customer waits for: an answer, and an end. The first of each stands for one that another ticket promised.
_KINDS = ((Target.NEXT_RESPONSE, Target.FIRST_RESPONSE), (Target.RESOLUTION,))


async def hours_of(work: Work, ticket: Ticket) -> Hours:
    """When the people who work on the ticket are there."""
    return work.policy.hours(await repository.calendar_of(work.session, ticket))


async def start(work: Work, ticket: Ticket, rule: SlaRule, *targets: Target) -> None:
    """Starts each clock afresh, as far as `rule` promises something of the kind; paused tickets' clocks wait."""
    hours = await hours_of(work, ticket)
    rows = (await repository.list_clocks(work.session, [ticket.id]))[ticket.id]
    for target in targets:
        clock = new_clock(rule, target, work.now)
        if clock is not None:
            row = rows.get(target) or TicketClock(ticket_id=ticket.id, target=target)
            row.met_at = row.warned_at = row.told_at = None
            clock = clock.paused(hours, work.now) if ticket.status.is_paused else clock
            _keep(work, ticket, row, clock, hours)
            work.session.add(row)
    await work.session.flush()


async def pause(work: Work, ticket: Ticket) -> None:
    """Stops every clock that runs, until `resume`."""
    hours = await hours_of(work, ticket)
    for row in await _unfinished(work, ticket):
        notice_breach(work, ticket, row)
        _keep(work, ticket, row, clock_of(row).paused(hours, work.now), hours)
    await work.session.flush()


async def resume(work: Work, ticket: Ticket) -> None:
    """Lets every unfinished clock go on where it stood."""
    hours = await hours_of(work, ticket)
    for row in await _unfinished(work, ticket):
        _keep(work, ticket, row, clock_of(row).resumed(work.now), hours)
    await work.session.flush()


async def meet(work: Work, ticket: Ticket, *targets: Target) -> None:
    """Ends the clocks of `targets`; one that is over its time by now is a breach that nobody had noticed."""
    hours = await hours_of(work, ticket)
    for row in await _unfinished(work, ticket, *targets):
        notice_breach(work, ticket, row)
        row.spent_seconds = clock_of(row).used(hours, work.now).total_seconds()
        row.since, row.met_at = None, work.now
    await work.session.flush()


async def promise_again(work: Work, ticket: Ticket, rule: SlaRule) -> None:
    """Puts the unfinished clocks under another promise; what was used stays used."""
    hours = await hours_of(work, ticket)
    for row in await _unfinished(work, ticket):
        promise = rule.promise(row.target)
        if promise is None:
            row.since, row.due_at, row.met_at = None, None, work.now
        else:
            _keep(work, ticket, row, clock_of(row).promising(hours, promise, rule, work.now), hours)
    await work.session.flush()


async def take_over(work: Work, source: Ticket, into: Ticket) -> None:
    """When `source` is merged: of two promises of an answer, or of an end, the one that ends earlier is kept; the only
    one goes along.
    """
    if not into.kind.has_clock:
        return
    rows = (await repository.list_clocks(work.session, [into.id]))[into.id]
    hours = await hours_of(work, into)
    for targets in _KINDS:
        theirs = [row for row in await _unfinished(work, source, *targets) if row.due_at]
        other = min(theirs, key=lambda row: row.due_at or work.now, default=None)
        own = [row for row in rows.values() if row.target in targets and row.met_at is None]
        if other is None or not all(row.due_at and other.due_at and other.due_at < row.due_at for row in own):
            continue
        row = own[0] if own else rows.get(targets[0]) or TicketClock(ticket_id=into.id, target=targets[0])
        if not own:
            row.met_at = row.warned_at = None
        clock = replace(clock_of(other), target=row.target)
        _keep(work, into, row, clock.paused(hours, work.now) if into.status.is_paused else clock, hours)
        work.session.add(row)
    await work.session.flush()


async def plan(work: Work, ticket: Ticket, at: datetime) -> None:
    """The customer was told by when it will be settled. In time, that keeps what was promised, "solved or dated", and
    `at` is watched in its place. Of a plan that is put off, or comes too late, only the new time is told.
    """
    for row in await _unfinished(work, ticket, Target.RESOLUTION):
        notice_breach(work, ticket, row)
        known = row.planned_at or row.due_at
        if row.planned_at is None and row.breached_at is None:
            hours = await hours_of(work, ticket)
            _keep(work, ticket, row, clock_of(row).planned(hours, at, work.now), hours)
        elif known is None or at > known:
            row.told_at = at
    await work.session.flush()


async def unplan(work: Work, ticket: Ticket, times: Collection[datetime]) -> None:
    """The customer was not told these times after all: what was promised goes on as if there had been no plan."""
    for row in await _unfinished(work, ticket, Target.RESOLUTION):
        row.told_at = None if row.told_at in times else row.told_at
        if row.planned_at in times:
            _keep(work, ticket, row, replace(clock_of(row), plan=None), await hours_of(work, ticket))
    await work.session.flush()


async def find_plan(session: ReadSession, ticket: Ticket) -> datetime | None:
    """By when the customer was told that it will be settled, if that still binds."""
    row = (await repository.list_clocks(session, [ticket.id]))[ticket.id].get(Target.RESOLUTION)
    return row.planned_at if row is not None and row.met_at is None else None


def notice_breach(work: Work, ticket: Ticket, row: TicketClock) -> bool:
    """Records that the promise is broken, once a target, and tells whoever the rules name. True when it was new."""
    if row.breached_at is not None or row.due_at is None or row.since is None or row.due_at > work.now:
        return False
    row.breached_at = row.due_at
    data = {"target": row.target.value, "due_at": row.due_at.isoformat()}
    timeline.record(work, ticket, EventType.BREACHED, rule=row.rule, data=data)
    _escalate(work, ticket, "breach", row.target)
    return True


def notice_warning(work: Work, ticket: Ticket, row: TicketClock) -> bool:
    """Records that the promise is about to break, once a clock, and tells whoever the rules name."""
    is_due = row.warn_due_at is not None and row.warn_due_at <= work.now and row.since is not None
    if row.warned_at is not None or row.breached_at is not None or not is_due:
        return False
    row.warned_at = work.now
    data = {"target": row.target.value, "due_at": row.due_at.isoformat() if row.due_at else None}
    timeline.record(work, ticket, EventType.WARNED, data=data)
    _escalate(work, ticket, "warning", row.target)
    return True


def _escalate(work: Work, ticket: Ticket, on: str, target: Target) -> None:
    for rule in escalations(work.policy.rules, on, target, ticket.severity):
        reason = Reason.of(rule.id, rule.because)
        data = {"to": rule.to, "target": target.value}
        timeline.record(work, ticket, EventType.ESCALATED, rule=rule.id, reasons=[reason], data=data)
        ticket.escalated_to = higher(ticket.escalated_to, rule.to)


def higher(one: str | None, other: str | None) -> str | None:
    """The higher of two levels of escalation."""
    return max(one, other, key=_LEVELS.index)


def clock_of(row: TicketClock) -> Clock:
    return Clock(
        target=row.target,
        within=timedelta(seconds=row.within_seconds),
        count=row.count,
        warn_at=row.warn_at,
        rule=row.rule,
        spent=timedelta(seconds=row.spent_seconds),
        since=row.since,
        plan=row.planned_at,
    )


def _keep(work: Work, ticket: Ticket, row: TicketClock, clock: Clock, hours: Hours) -> None:
    row.rule = clock.rule if "/" in clock.rule else work.policy.tickets.name_of(clock.rule)
    row.within_seconds, row.count, row.warn_at = clock.within.total_seconds(), clock.count, clock.warn_at
    row.spent_seconds, row.since = clock.spent.total_seconds(), clock.since
    before, row.due_at, row.warn_due_at = row.due_at, clock.due_at(hours), clock.warn_due_at(hours)
    if row.due_at != before:
        row.told_at = None
    if row.planned_at != clock.plan:
        _note_plan(work, ticket, row, clock.plan)


def _note_plan(work: Work, ticket: Ticket, row: TicketClock, at: datetime | None) -> None:
    """Another date, or none any more: a line in the book and one of the timeline; it is warned of anew."""
    was, now = (one.astimezone(UTC).isoformat() if one else None for one in (row.planned_at, at))
    row.planned_at, row.warned_at = at, None
    audit.record(
        work.session, actor=work.actor, action="tickets.plan", object=f"ticket:{ticket.number}", now=work.now,
        changes={"planned_at": (was, now)},
    )  # fmt: skip
    data = {"planned_at": now, "due_at": row.due_at.astimezone(UTC).isoformat() if row.due_at else None}
    timeline.record(work, ticket, EventType.PLANNED, data=data)


async def _unfinished(work: Work, ticket: Ticket, *targets: Target) -> Iterable[TicketClock]:
    rows = (await repository.list_clocks(work.session, [ticket.id]))[ticket.id]
    return [row for row in rows.values() if row.met_at is None and row.target in (targets or Target)]


def breached(rows: Iterable[TicketClock]) -> Iterator[Target]:
    """Which promises were broken."""
    return (row.target for row in sorted(rows, key=lambda row: list(Target).index(row.target)) if row.breached_at)
