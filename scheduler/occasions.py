"""Which birthdays and holidays fall on a day, in both calendars, and local times as instants. Pure.

A day that a year does not have is kept on the last day of its month: 29 February on the 28th, the 30th of a short lunar
month on the 29th. Who was born in a leap month celebrates in it in the years that have it, else in the month itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from borax.calendars.lunardate import LCalendars, LunarDate

from customers.values import BirthdayCalendar
from tickets.business_hours import first_instant

_LONG_LUNAR_MONTH = 30


@dataclass(frozen=True, slots=True)
class LunarDay:
    year: int
    month: int
    day: int
    leap: bool
    is_last: bool


@dataclass(frozen=True, slots=True, order=True)
class Anniversary:
    """A day of the year in its own calendar: `day` is `MM-DD`, as birthdays are stored."""

    calendar: BirthdayCalendar
    day: str
    leap_month: bool = False


class KnownHoliday(StrEnum):
    """Holidays by name, whatever country keeps them."""

    NEW_YEAR = "new_year"
    SPRING_FESTIVAL = "spring_festival"
    SPRING_FESTIVAL_EVE = "spring_festival_eve"
    LANTERN = "lantern"
    DRAGON_BOAT = "dragon_boat"
    QIXI = "qixi"
    MID_AUTUMN = "mid_autumn"
    DOUBLE_NINTH = "double_ninth"
    VALENTINES = "valentines"
    CHRISTMAS = "christmas"


_SOLAR, _LUNAR = BirthdayCalendar.GREGORIAN, BirthdayCalendar.LUNAR
#: The twelfth lunar month has 29 or 30 days: the eve is its last one.
_HOLIDAYS = {
    KnownHoliday.NEW_YEAR: Anniversary(_SOLAR, "01-01"),
    KnownHoliday.SPRING_FESTIVAL: Anniversary(_LUNAR, "01-01"),
    KnownHoliday.SPRING_FESTIVAL_EVE: Anniversary(_LUNAR, "12-30"),
    KnownHoliday.LANTERN: Anniversary(_LUNAR, "01-15"),
    KnownHoliday.DRAGON_BOAT: Anniversary(_LUNAR, "05-05"),
    KnownHoliday.QIXI: Anniversary(_LUNAR, "07-07"),
    KnownHoliday.MID_AUTUMN: Anniversary(_LUNAR, "08-15"),
    KnownHoliday.DOUBLE_NINTH: Anniversary(_LUNAR, "09-09"),
    KnownHoliday.VALENTINES: Anniversary(_SOLAR, "02-14"),
    KnownHoliday.CHRISTMAS: Anniversary(_SOLAR, "12-25"),
}


def lunar_day(day: date) -> LunarDay:
    """Good from 1900 to 2100."""
    found = LunarDate.from_solar(day)
    length = LCalendars.ndays(found.year, found.month, int(found.leap))
    return LunarDay(found.year, found.month, found.day, bool(found.leap), found.day == length)


@lru_cache(maxsize=2000)
def anniversaries_on(day: date) -> frozenset[Anniversary]:
    """Every day of the year, of either calendar, that is kept on `day`."""
    return frozenset([*_solar_anniversaries(day), *_lunar_anniversaries(lunar_day(day))])


def _solar_anniversaries(day: date) -> list[Anniversary]:
    found = [Anniversary(_SOLAR, f"{day:%m-%d}")]
    if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        found.append(Anniversary(_SOLAR, "02-29"))
    return found


def _lunar_anniversaries(day: LunarDay) -> list[Anniversary]:
    born_in = [True] if day.leap else [False]
    if not day.leap and LCalendars.leap_month(day.year) != day.month:
        born_in.append(True)
    days = [day.day] + ([_LONG_LUNAR_MONTH] if day.is_last and day.day < _LONG_LUNAR_MONTH else [])
    return [Anniversary(_LUNAR, f"{day.month:02}-{one:02}", leap) for leap in born_in for one in days]


def is_holiday(holiday: KnownHoliday, day: date) -> bool:
    return _HOLIDAYS[holiday] in anniversaries_on(day)


def is_own_date(on: str, calendar: BirthdayCalendar, day: date) -> bool:
    """Whether `day` is the date `on`: `MM-DD` every year by `calendar`, `YYYY-MM-DD` once (Gregorian)."""
    return on == day.isoformat() if len(on) > len("MM-DD") else Anniversary(calendar, on) in anniversaries_on(day)


def is_national_holiday(country: str, name: str, day: date) -> bool:
    """Whether the holiday called `name` (in English) begins on `day` in a country by its two letters."""
    return day in _national_days(country, name, day.year)


def names_of_holidays(country: str, year: int) -> tuple[str, ...]:
    """The English names of a country's public holidays; empty for a country that is not known."""
    return tuple(sorted({name for _, name in _calendar_of(country, year)}))


@lru_cache(maxsize=500)
def _national_days(country: str, name: str, year: int) -> frozenset[date]:
    """The first days of the holiday: of several days in a row only the first is one to write on."""
    days = {day for day, called in _calendar_of(country, year) if called.lower() == name.lower()}
    return frozenset(day for day in days if day - timedelta(days=1) not in days)


@lru_cache(maxsize=200)
def _calendar_of(country: str, year: int) -> tuple[tuple[date, str], ...]:
    supported = holidays.list_supported_countries()
    if country not in supported:
        return ()
    languages = holidays.list_localized_countries().get(country, [])
    english = next((language for language in languages if language.startswith("en")), None)
    found = holidays.country_holidays(country, years=year, language=english, observed=False)
    return tuple((day, name) for day, names in found.items() for name in names.split("; "))


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall time, in UTC; in a gap the first one after it, in a fold the first of the two."""
    return first_instant(datetime.combine(day, at), zone)
