"""When an occasion comes due for whom: a programme's trigger and clock, turned into instants. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.occasions import (
    Anniversary,
    anniversaries_on,
    is_holiday,
    is_national_holiday,
    is_own_date,
    local_instant,
)
from scheduler.programme_rules import OnDateField, OnHoliday, Programme

#: Local days lie up to this far from those in UTC.
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Due instants from `start` on and before `end`."""

    start: datetime
    end: datetime

    def has(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class DayWide:
    """An occasion of everybody in a zone; of a birthday, of everybody whose birthday is `anniversary`."""

    zone: str
    day: date
    due_at: datetime
    expires_at: datetime
    anniversary: Anniversary | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to one customer. `zone` is theirs; `days`: other than the programme's.

    `since`: of a later step, when the first cause of it all happened.
    """

    customer_id: int
    occasion: str
    at: datetime
    zone: str | None
    days: int | None = None
    since: datetime | None = None
    order_id: int | None = None
    ticket_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`happened` is due at `due_at` and stale from `expires_at` on."""

    happened: Happened
    due_at: datetime
    expires_at: datetime


def is_day_wide(programme: Programme) -> bool:
    """Whether the calendar alone tells the day: birthdays and holidays."""
    trigger = programme.trigger
    return isinstance(trigger, OnHoliday) or (isinstance(trigger, OnDateField) and trigger.field == "birthday")


def day_wide(programme: Programme, zones: Iterable[tuple[str, ZoneInfo]], span: Span) -> list[DayWide]:
    """What a birthday or holiday programme is due for within `span`, zone by zone."""
    return [
        DayWide(name, day, due_at, due_at + timedelta(hours=programme.lasts_hours), anniversary)
        for name, zone in zones
        for due_day in _days(span)
        for due_at in [local_instant(due_day, _at(programme), zone)]
        if span.has(due_at)
        for day in [due_day - timedelta(days=programme.days)]
        for anniversary in _kept_on(programme, day)
    ]


def _days(span: Span) -> Iterator[date]:
    day, last = (span.start - _DAY).date(), (span.end + _DAY).date()
    while day <= last:
        yield day
        day += _DAY


def _kept_on(programme: Programme, day: date) -> Sequence[Anniversary | None]:
    """The birthdays that are kept on `day`; for a holiday one None when it falls on it."""
    trigger = programme.trigger
    if isinstance(trigger, OnDateField):
        return sorted(anniversaries_on(day))
    assert isinstance(trigger, OnHoliday)
    return [None] if _falls_on(trigger, day) else []


def _falls_on(trigger: OnHoliday, day: date) -> bool:
    if trigger.holiday is not None:
        return is_holiday(trigger.holiday, day)
    if trigger.country is not None:
        return is_national_holiday(trigger.country, trigger.name or "", day)
    return is_own_date(trigger.date or "", trigger.calendar, day)


def occurs(programme: Programme, happened: Happened, zone: ZoneInfo, step: int = 1) -> Occurrence:
    """When what happened is due; never before it happened. Later steps count from the sending of the one before."""
    days = programme.step[step - 1].days if step > 1 else programme.days if happened.days is None else happened.days
    if programme.at is None:
        due_at = happened.at + timedelta(days=days)
    else:
        day = happened.at.astimezone(zone).date() + timedelta(days=days)
        due_at = max(local_instant(day, programme.at, zone), happened.at)
    return Occurrence(happened, due_at, due_at + timedelta(hours=programme.lasts_hours))


def happened_within(programme: Programme, span: Span, most_days: int, step: int = 1) -> Span:
    """When something must have happened to be due within `span`; a day more at either end for the zones."""
    least = programme.step[step - 1].days if step > 1 else programme.days
    return Span(span.start - timedelta(days=max(most_days, least) + 1), span.end - timedelta(days=min(least, 0)))


def _at(programme: Programme) -> time:
    assert programme.at is not None, "checked with the rules"
    return programme.at
