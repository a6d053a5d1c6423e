"""Birthdays and holidays on the right day, in both calendars, held to a second almanac; local times as instants."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from lunar_python import LunarYear

from customers.values import BirthdayCalendar
from scheduler.occasions import (
    Anniversary,
    KnownHoliday,
    anniversaries_on,
    is_holiday,
    is_national_holiday,
    is_own_date,
    local_instant,
    lunar_day,
    names_of_holidays,
)

SOLAR, LUNAR = BirthdayCalendar.GREGORIAN, BirthdayCalendar.LUNAR
YEARS = range(1950, 2051)
#: The Julian day, counted at noon, of the day before the first that `date` knows.
_BEFORE_THE_FIRST = 1721425


def second_almanac() -> dict[tuple[int, int, bool], tuple[date, int]]:
    """(lunar year, month, leap) -> its first day and its length, from a library that computes the new moons."""
    months = {}
    for year in range(YEARS.start - 1, YEARS.stop + 1):
        for month in LunarYear.fromYear(year).getMonths():
            if month.getYear() == year:
                first = date.fromordinal(round(month.getFirstJulianDay()) - _BEFORE_THE_FIRST)
                months[(year, abs(month.getMonth()), month.getMonth() < 0)] = (first, month.getDayCount())
    return months


ALMANAC = second_almanac()


def lunar_birthday(year: int, month: int, day: int, leap: bool) -> date:
    """When a birthday is kept in a lunar year, told from the second almanac alone."""
    first, length = ALMANAC.get((year, month, leap)) or ALMANAC[(year, month, False)]
    return first + timedelta(days=min(day, length) - 1)


def test_every_lunar_birthday_falls_on_the_day_that_a_second_almanac_gives() -> None:
    kept: dict[Anniversary, set[date]] = defaultdict(set)
    day = ALMANAC[(1950, 1, False)][0]
    end = ALMANAC[(2051, 1, False)][0]
    while day < end:
        for anniversary in anniversaries_on(day):
            kept[anniversary].add(day)
        day += timedelta(days=1)
    birthdays = [(month, number, leap) for leap in (False, True) for month in range(1, 13) for number in range(1, 31)]
    for month, number, leap in birthdays:
        expected = {lunar_birthday(year, month, number, leap) for year in YEARS}
        assert kept[Anniversary(LUNAR, f"{month:02}-{number:02}", leap)] == expected, (month, number, leap)


def test_every_day_has_the_lunar_date_that_a_second_almanac_gives() -> None:
    for (year, month, leap), (first, length) in ALMANAC.items():
        for number in (1, length):
            found = lunar_day(first + timedelta(days=number - 1))
            assert (found.year, found.month, found.day, found.leap) == (year, month, number, leap)
            assert found.is_last == (number == length)


#: Day, the lunar month, day and leap month that it is.
HARD_DAYS = [
    # The new moon fell some minutes before midnight: tables that were computed carelessly have the day after.
    (date(1954, 11, 25), (11, 1, False)),
    # Nine minutes after midnight: tables for another place have the day before, and Mid-Autumn a day off.
    (date(1978, 9, 3), (8, 1, False)),
    # A second sixth month.
    (date(2025, 7, 25), (6, 1, True)),
    (date(2025, 8, 22), (6, 29, True)),
    # The first month of 2024 has 29 days.
    (date(2024, 3, 9), (1, 29, False)),
    (date(2024, 3, 10), (2, 1, False)),
    # 2033: the leap month comes after the eleventh, not after the seventh as old tables had it.
    (date(2033, 12, 22), (11, 1, True)),
]


@pytest.mark.parametrize(("day", "lunar"), HARD_DAYS)
def test_hard_days_are_read_right(day: date, lunar: tuple[int, int, bool]) -> None:
    found = lunar_day(day)
    assert (found.month, found.day, found.leap) == lunar


#: Birthday, the days of one year on which it is kept.
BIRTHDAYS = [
    # 29 February: on the day itself in a leap year, on the 28th in others.
    (Anniversary(SOLAR, "02-29"), 2024, ["2024-02-29"]),
    (Anniversary(SOLAR, "02-29"), 2023, ["2023-02-28"]),
    (Anniversary(SOLAR, "02-28"), 2024, ["2024-02-28"]),
    # The 30th of a first month that has 29 days.
    (Anniversary(LUNAR, "01-30"), 2024, ["2024-03-09"]),
    (Anniversary(LUNAR, "01-29"), 2024, ["2024-03-09"]),
    # Born in a sixth month: once in 2025, in the first of the two; born in a leap sixth month: in the second.
    (Anniversary(LUNAR, "06-15"), 2025, ["2025-07-09"]),
    (Anniversary(LUNAR, "06-15", leap_month=True), 2025, ["2025-08-08"]),
    # A year without that leap month: in the month itself.
    (Anniversary(LUNAR, "06-15", leap_month=True), 2026, ["2026-07-28"]),
    # The 30th of a leap month of 29 days.
    (Anniversary(LUNAR, "06-30", leap_month=True), 2025, ["2025-08-22"]),
    # A birthday around New Year's falls twice into one solar year, or not at all.
    (Anniversary(LUNAR, "11-25"), 2024, ["2024-01-06", "2024-12-25"]),
    (Anniversary(LUNAR, "12-01"), 2025, []),
]


@pytest.mark.parametrize(("birthday", "year", "days"), BIRTHDAYS)
def test_a_birthday_is_kept_once_in_its_own_calendar_s_year(birthday: Anniversary, year: int, days: list[str]) -> None:
    all_days = (date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days))
    assert [day.isoformat() for day in all_days if birthday in anniversaries_on(day)] == days


#: Holiday, days on which it falls.
HOLIDAYS = [
    (KnownHoliday.SPRING_FESTIVAL, ["2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06"]),
    # The twelfth month of 2024 has 29 days.
    (KnownHoliday.SPRING_FESTIVAL_EVE, ["2024-02-09", "2025-01-28", "2026-02-16"]),
    (KnownHoliday.MID_AUTUMN, ["1978-09-17", "2025-10-06", "2026-09-25"]),
    (KnownHoliday.DRAGON_BOAT, ["2025-05-31", "2026-06-19"]),
    (KnownHoliday.CHRISTMAS, ["2025-12-25", "2026-12-25"]),
]


@pytest.mark.parametrize(("holiday", "days"), HOLIDAYS)
def test_a_holiday_falls_on_its_day_and_on_no_other(holiday: KnownHoliday, days: list[str]) -> None:
    for day in map(date.fromisoformat, days):
        assert is_holiday(holiday, day)
        assert not is_holiday(holiday, day - timedelta(days=1))
        assert not is_holiday(holiday, day + timedelta(days=1))


def test_holidays_of_a_country_are_known_by_their_english_name() -> None:
    assert is_national_holiday("US", "thanksgiving day", date(2026, 11, 26))
    assert not is_national_holiday("US", "Thanksgiving Day", date(2026, 11, 25))
    # Of several days of one holiday only the first is one to write on.
    assert is_national_holiday("CN", "National Day", date(2026, 10, 1))
    assert not is_national_holiday("CN", "National Day", date(2026, 10, 2))
    assert "Good Friday" in names_of_holidays("GB", 2026)
    assert names_of_holidays("XX", 2026) == ()


def test_own_dates_come_every_year_or_once() -> None:
    assert is_own_date("05-20", SOLAR, date(2027, 5, 20))
    assert is_own_date("09-09", LUNAR, date(2026, 10, 18))
    assert is_own_date("2026-05-20", SOLAR, date(2026, 5, 20))
    assert not is_own_date("2026-05-20", SOLAR, date(2027, 5, 20))


#: Zone, wall time, the instant in UTC.
WALL_TIMES = [
    ("Asia/Shanghai", "2026-03-01T09:00", "2026-03-01T01:00"),
    # The night on which 02:30 does not exist: the first instant after the gap.
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),
    # ... and the one on which it comes twice: the first.
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
    ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
    # Here midnight itself is left out, and comes twice.
    ("America/Havana", "2026-03-08T00:30", "2026-03-08T05:00"),
    ("America/Havana", "2026-11-01T00:30", "2026-11-01T04:30"),
    # Half an hour only.
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
]


@pytest.mark.parametrize(("zone", "wall", "utc"), WALL_TIMES)
def test_a_local_time_is_one_instant_also_when_clocks_change(zone: str, wall: str, utc: str) -> None:
    at = datetime.fromisoformat(wall)
    assert local_instant(at.date(), time(at.hour, at.minute), ZoneInfo(zone)) == datetime.fromisoformat(f"{utc}+00:00")
