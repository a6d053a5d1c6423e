"""Birthdays are read as people write them, and refused when there is no such day."""

from datetime import date

import pytest

from customers.birthdays import Birthday, BirthdayInvalid, parse_birthday
from customers.values import BirthdayCalendar

G, L = BirthdayCalendar.GREGORIAN, BirthdayCalendar.LUNAR


@pytest.mark.parametrize(
    ("text", "calendar", "leap", "expected"),
    [
        # as the contract says it
        ("1955-08-15", None, False, Birthday(8, 15, 1955, G)),
        ("08-15", None, False, Birthday(8, 15, None, G)),
        ("1955-08-15", L, False, Birthday(8, 15, 1955, L)),
        # as shops have it
        ("1968/11/3", None, False, Birthday(11, 3, 1968, G)),
        ("1968年11月3日", None, False, Birthday(11, 3, 1968, G)),
        ("19681103", None, False, Birthday(11, 3, 1968, G)),
        ("3月5日", None, False, Birthday(3, 5, None, G)),
        # a date cell of a spreadsheet
        ("1968-11-03 00:00:00", None, False, Birthday(11, 3, 1968, G)),
        # the lunar calendar in words
        ("农历八月十五", None, False, Birthday(8, 15, None, L)),
        ("农历1955年八月十五", None, False, Birthday(8, 15, 1955, L)),
        ("阴历 8-15", None, False, Birthday(8, 15, None, L)),
        ("农历：一九五五年腊月廿三", None, False, Birthday(12, 23, 1955, L)),
        ("正月初一", None, False, Birthday(1, 1, None, L)),
        ("冬月三十", None, False, Birthday(11, 30, None, L)),
        # the second sixth month of a leap year, in words and by the column
        ("闰六月初一", None, False, Birthday(6, 1, None, L, True)),
        ("2025-06-01", L, True, Birthday(6, 1, 2025, L, True)),
        # a leap mark beside a Gregorian day means nothing
        ("1955-08-15", G, True, Birthday(8, 15, 1955, G)),
        # 29 February is a birthday
        ("02-29", None, False, Birthday(2, 29, None, G)),
    ],
)
def test_a_birthday_is_read(text: str, calendar: BirthdayCalendar | None, leap: bool, expected: Birthday) -> None:
    assert parse_birthday(text, calendar, leap) == expected


@pytest.mark.parametrize(
    ("text", "calendar", "leap"),
    [
        ("1955-02-29", None, False),  # no leap year
        ("13-01", None, False),  # no such month
        ("2025-02-30", L, False),  # the second month of 2025 is short
        ("08-31", L, False),  # lunar months have 30 days at most
        ("2024-06-01", L, True),  # 2024 had no leap sixth month
        ("闰正月初一", None, False),  # there is none within two centuries
        ("农历八月十五", G, False),  # the column says otherwise
        ("1855-08-15", None, False),  # nobody alive
        ("soon", None, False),
        ("", None, False),
        ("0-0", None, False),
    ],
)
def test_what_is_no_birthday_is_refused(text: str, calendar: BirthdayCalendar | None, leap: bool) -> None:
    with pytest.raises(BirthdayInvalid):
        parse_birthday(text, calendar, leap)


def test_nobody_is_born_tomorrow() -> None:
    with pytest.raises(BirthdayInvalid, match="still to come"):
        parse_birthday("2026-03-03", today=date(2026, 3, 2))


@pytest.mark.parametrize("text", ["1955-08-15", "08-15"])
def test_the_stored_form_reads_back(text: str) -> None:
    assert parse_birthday(text, L).text == text
