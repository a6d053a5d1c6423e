"""Rules are checked before they are published; what is wrong is said in words, with its place."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidInput
from tests.unit.tickets.shipped import SHANGHAI
from tickets.calendars import CALENDARS, hours_of, unknown_make_up
from tickets.public_holidays import public_holidays
from tickets.rules import TICKETS


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # a misspelt condition
        ('tiers = ["vip"] }', 'teirs = ["vip"] }', "there is no such name here"),
        ('within = "15m"', 'within = "15 minutes"', "write a time like 15m, 1h or 3d"),
        ('severity = "high"\n', 'severity = "hihg"\n', "severity"),
        # something that is named and not there
        ('when = { categories = ["safety"] }', 'when = { categories = ["sefety"] }', "there is no 'sefety'"),
        # a severity that depends on itself
        ('when = { words = ["law"] }', 'when = { severities = ["low"] }', "cannot depend on itself"),
        # words that decide about money
        ('when = { categories = ["late"] }', 'when = { words = ["anger"] }', "no text decides about money"),
        # nothing takes the rest
        ('id = "everything-else"\nwhen = {}', 'id = "everything-else"\nwhen = { reopened_at_least = 1 }', "take every"),
        ("silence_warn_days = 3", "silence_warn_days = 9", "must be below silence_close_days"),
        ('id = "repeat"', 'id = "vip"', "there is a 'vip' above already"),
        ("[life]", "[life", "not TOML"),
        ("percent = 10,", "percent = 10, amount = { CNY = 5 },", "say either amount or percent"),
    ],
)
def test_wrong_rules_are_refused_in_words(old: str, new: str, said: str) -> None:
    assert old in TICKETS.shipped
    with pytest.raises(InvalidInput, match=said):
        TICKETS.parse(TICKETS.shipped.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('default = "shop"', 'default = "shopp"', "there is no calendar 'shopp'"),
        ('mon = ["09:00-18:00"]', 'mon = ["9-18"]', "write it like 09:00-18:00"),
        ('holidays = "CN"', 'zone = "Mars/Base"', "no time zone"),
        ('holidays = "CN"', 'holidays = "China"', "holidays"),
        ('id = "always"', 'id = "shop"', "above already"),
    ],
)
def test_wrong_calendars_are_refused_in_words(old: str, new: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        CALENDARS.parse(CALENDARS.shipped.replace(old, new, 1))


CALENDAR = """
default = "hangzhou"
[[calendar]]
id = "hangzhou"
mon = ["09:00-12:00", "13:00-18:00"]
tue = ["09:00-18:00"]
wed = ["09:00-18:00"]
thu = ["09:00-18:00"]
fri = ["22:00-06:00"]
holidays = "CN"
[calendar.dates]
2026-10-02 = ["10:00-11:00"]
"""


def test_chinese_holidays_are_closed_and_make_up_days_are_worked() -> None:
    hours = hours_of(CALENDARS.parse(CALENDAR).named(None), SHANGHAI, public_holidays)
    # National Day; the working Saturday after it has the hours of a Monday; an own date wins
    assert hours.windows(date(2026, 10, 1)) == ()
    assert hours.windows(date(2026, 10, 10)) == hours.windows(date(2026, 9, 28))
    assert hours.windows(date(2026, 10, 2)) != ()
    assert hours.zone == SHANGHAI


def test_a_calendar_may_lie_in_another_zone() -> None:
    rules = CALENDARS.parse(CALENDAR.replace('holidays = "CN"', 'zone = "Europe/London"\nholidays = "GB"'))
    hours = hours_of(rules.named("hangzhou"), SHANGHAI, public_holidays)
    assert hours.zone == ZoneInfo("Europe/London")
    assert date(2026, 12, 25) in hours.closed


@pytest.mark.parametrize(
    ("country", "more", "year", "unknown"),
    [
        # announced
        ("CN", "", 2026, False),
        # nobody knows yet
        ("CN", "", 2039, True),
        # the shop wrote them down itself
        ("CN", "make_up = [2039-01-30]", 2039, False),
        # countries without the custom
        ("GB", "", 2039, False),
        ("", "", 2039, False),
    ],
)
def test_make_up_days_that_are_not_known_yet(country: str, more: str, year: int, unknown: bool) -> None:
    text = CALENDAR.replace('holidays = "CN"', f'holidays = "{country}"\n{more}')
    assert unknown_make_up(CALENDARS.parse(text).named(None), year, public_holidays) is unknown
