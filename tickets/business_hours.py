"""When people are there: business time between two instants, and the instant that lies some business time ahead.

Hours are wall time of the calendar's zone. An overnight window belongs to the day on which it begins. Where local time
jumps ahead, a wall time that does not exist means the first instant after the gap; where it falls back, the first of
the two. All instants are aware; results are in UTC.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.errors import InvalidInput

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY = 24 * 60
#: A calendar that opens on no day within this many days has no hours worth waiting for.
_HORIZON_DAYS = 400


class NeverOpen(InvalidInput):
    """The calendar opens on no day of the coming year."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Minutes after local midnight; `end` lies beyond 1440 for a window that goes on after midnight."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Reads `09:00-12:30`, `22:00-06:00` (overnight) or `00:00-24:00`. Raises InvalidInput."""
        found = _WINDOW.fullmatch(text.strip())
        if not found:
            raise InvalidInput(f"{text!r} is no opening time; write it like 09:00-18:00")
        hours, minutes, end_hours, end_minutes = (int(part) for part in found.groups())
        start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
        if start >= _DAY or end > _DAY or minutes > 59 or end_minutes > 59 or start == end:
            raise InvalidInput(f"{text!r} is no opening time; write it like 09:00-18:00")
        return cls(start, end if end > start else end + _DAY)


Windows = tuple[Window, ...]
Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """`weekly` holds Monday to Sunday. `closed`: public holidays; `make_up`: weekend days that are worked (China).

    `own_dates` wins over everything; a make-up day without hours of its own has those of Monday.
    """

    zone: ZoneInfo
    weekly: tuple[Windows, ...]
    closed: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()
    own_dates: Mapping[date, Windows] = field(default_factory=dict)

    @classmethod
    def always(cls, zone: ZoneInfo) -> "BusinessHours":
        """Around the clock, every day."""
        return cls(zone, ((Window(0, _DAY),),) * 7)

    def whole_days(self) -> "BusinessHours":
        """The same days, each open from midnight to midnight."""
        all_day = (Window(0, _DAY),)
        weekly = tuple(all_day if windows else () for windows in self.weekly)
        own = {day: all_day if windows else () for day, windows in self.own_dates.items()}
        return BusinessHours(self.zone, weekly, self.closed, self.make_up, own)

    def windows(self, day: date) -> Windows:
        """The opening times that begin on `day`."""
        if day in self.own_dates:
            return self.own_dates[day]
        if day in self.closed:
            return ()
        weekly = self.weekly[day.weekday()]
        return self.weekly[0] if day in self.make_up and not weekly else weekly

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self._around(at))

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when open, else the next opening. Raises NeverOpen."""
        for start, end in self._from(at):
            if at < end:
                return max(start, at)
        raise NeverOpen("this calendar never opens")

    def add(self, at: datetime, amount: timedelta) -> datetime:
        """The instant at which `amount` of business time has passed since `at`. Raises NeverOpen.

        With nothing to pass it is `at` itself, open or not.
        """
        if amount <= timedelta():
            return at.astimezone(UTC)
        left = amount
        for start, end in self._from(at):
            begin = max(start, at)
            if begin >= end:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise NeverOpen("this calendar never opens long enough")

    def openings(self, at: datetime, until: datetime) -> list[Interval]:
        """The opening times that have not ended at `at` and begin before `until`; those without a gap count as one."""
        found: list[Interval] = []
        for start, end in self._from(at):
            if start >= until:
                break
            if end <= at:
                continue
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        return found

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Business time from `start` to `end`; zero when `end` is not later."""
        total = timedelta()
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        last = end.astimezone(self.zone).date()
        reached = start
        while day <= last:
            for opened, closed in self._intervals(day):
                begin, until = max(opened, reached), min(closed, end)
                if begin < until:
                    total += until - begin
                    reached = until
            day += timedelta(days=1)
        return total

    def _around(self, at: datetime) -> Iterator[Interval]:
        today = at.astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today):
            yield from self._intervals(day)

    def _from(self, at: datetime) -> Iterator[Interval]:
        """Opening times in order, from the one that may have begun the day before; overlaps are cut off."""
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        reached = datetime.min.replace(tzinfo=UTC)
        empty_days = 0
        day = first
        while empty_days < _HORIZON_DAYS:
            intervals = self._intervals(day)
            for start, end in intervals:
                if end > reached:
                    yield max(start, reached), end
                    reached = end
            empty_days = 0 if intervals else empty_days + 1
            day += timedelta(days=1)

    def _intervals(self, day: date) -> list[Interval]:
        found = ((_instant(day, w.start, self.zone), _instant(day, w.end, self.zone)) for w in self.windows(day))
        return sorted((start, end) for start, end in found if start < end)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant of a wall time; in a gap the first one after it, in a fold the first occurrence."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return first_instant(wall, zone)


@lru_cache(maxsize=20_000)
def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant whose wall time in `zone` is `wall` or later (`wall` naive)."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    return _end_of_gap(wall, zone)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """Where the clock jumps over `wall`: fold=1 reads it with the offset after the jump, so it lies before the jump."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    seconds = range(int((after - before).total_seconds()) + 1)
    offset = before.astimezone(zone).utcoffset()
    jump = bisect_right(
        seconds, 0, key=lambda s: int((before + timedelta(seconds=s)).astimezone(zone).utcoffset() != offset)
    )
    return before + timedelta(seconds=seconds[jump] if jump < len(seconds) else seconds[-1])
