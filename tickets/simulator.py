"""Which open tickets would break a promise under other opening hours. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.database import ReadSession
from staff.models import Team
from tickets.calendars import CalendarRules, hours_of
from tickets.clocks import clock_of
from tickets.models import FIRST_NUMBER, Ticket, TicketClock
from tickets.public_holidays import public_holidays
from tickets.sla import Hours


@dataclass(frozen=True, slots=True)
class Moved:
    """One open promise that other hours would move; `breaches`: it would be broken by now."""

    ticket: int
    promise: str
    before: str
    after: str
    breaches: bool


@dataclass(frozen=True, slots=True)
class Simulated:
    examined: int
    changes: list[Moved]


async def simulate(
    session: ReadSession, old: CalendarRules, new: CalendarRules, now: datetime, zone: ZoneInfo
) -> Simulated:
    """Every clock that runs, by the calendar of its ticket's team; those that would break come first."""
    query = (
        select(TicketClock, Team.calendar)
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(TicketClock.since.is_not(None), TicketClock.breached_at.is_(None))
        .order_by(TicketClock.ticket_id, TicketClock.id)
    )
    rows = (await session.execute(query)).all()
    known: dict[tuple[int, str | None], Hours] = {}

    def hours(rules: CalendarRules, name: str | None) -> Hours:
        key = (id(rules), name)
        if key not in known:
            known[key] = Hours.of(hours_of(rules.named(name), zone, public_holidays))
        return known[key]

    moved = [_moved(row, hours(old, name), hours(new, name), now, zone) for row, name in rows]
    changes = [one for one in moved if one is not None]
    return Simulated(len(rows), sorted(changes, key=lambda one: (not one.breaches, one.ticket)))


def _moved(row: TicketClock, old: Hours, new: Hours, now: datetime, zone: ZoneInfo) -> Moved | None:
    clock = clock_of(row)
    before, after = clock.due_at(old), clock.due_at(new)
    if before is None or after is None or before == after:
        return None
    shown = [f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (before, after)]
    return Moved(row.ticket_id + FIRST_NUMBER - 1, row.target.value, shown[0], shown[1], after <= now < before)
