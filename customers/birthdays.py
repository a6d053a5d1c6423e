"""Birthdays in both calendars, as people write them and as they are stored. Pure.

A lunar birthday is stored by its own calendar's month and day; `leap_month` tells the sixth month from the second sixth
month of a leap year. The lunar calendar is borax's, good for 1900 to 2100.
"""

import re
from dataclasses import dataclass
from datetime import date

from borax.calendars.lunardate import InvalidLunarDateError, LCalendars, LunarDate

from core.errors import InvalidInput
from customers.values import BirthdayCalendar

_EARLIEST_YEAR = 1900
_LUNAR_WORDS = re.compile(r"农历|農曆|阴历|陰曆|旧历|舊曆|lunar", re.IGNORECASE)
_SOLAR_WORDS = re.compile(r"公历|公曆|阳历|陽曆|新历|新曆|gregorian|solar", re.IGNORECASE)
_ONLY_LUNAR = re.compile(r"[初廿卅闰閏正冬腊臘]")
_ISO = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})[日号號]?(?:[ T]0?0:00(?::00(?:\.0+)?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CHINESE = re.compile(
    r"(?:([\d〇零一二三四五六七八九]{4})年)?([闰閏]?)([一二三四五六七八九十正冬腊臘]{1,2}|\d{1,2})月([初一二三四五六七八九十廿卅]{1,3}|\d{1,2})[日号號]?"
)
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0}
_MONTHS = {"正": 1, "冬": 11, "腊": 12, "臘": 12}


class BirthdayInvalid(InvalidInput):
    """There is no such day, or nobody alive was born on it."""

    code = "birthday_invalid"


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day in its own calendar; `year` None: not known."""

    month: int
    day: int
    year: int | None = None
    calendar: BirthdayCalendar = BirthdayCalendar.GREGORIAN
    leap_month: bool = False

    @property
    def text(self) -> str:
        """As it is stored: `YYYY-MM-DD` or `MM-DD`."""
        return f"{self.year:04}-{self.month:02}-{self.day:02}" if self.year else f"{self.month:02}-{self.day:02}"


def parse_birthday(
    text: str, calendar: BirthdayCalendar | None = None, leap_month: bool = False, *, today: date | None = None
) -> Birthday:
    """Reads `1955-08-15`, `08-15`, `1955年8月15日`, `农历八月十五`, `闰六月初一`.

    What the text says of the calendar goes before `calendar`. With `today`, a day to come is refused.

    Raises:
        BirthdayInvalid
    """
    bare = _SOLAR_WORDS.sub("", _LUNAR_WORDS.sub("", text)).strip(" :：,，()（）")
    year, leap, month, day = _read(bare, text)
    said = _said_calendar(text, bare)
    if said and calendar and said is not calendar:
        raise BirthdayInvalid(f"{text!r} is {said.value}, and the calendar beside it says {calendar.value}")
    kind = said or calendar or BirthdayCalendar.GREGORIAN
    birthday = Birthday(month, day, year, kind, leap or (leap_month and kind is BirthdayCalendar.LUNAR))
    check_birthday(birthday, today)
    return birthday


def check_birthday(birthday: Birthday, today: date | None = None) -> None:
    """Raises BirthdayInvalid for a day that its calendar does not have, or that is to come."""
    try:
        born = _lunar_born(birthday) if birthday.calendar is BirthdayCalendar.LUNAR else _solar_born(birthday)
    except (ValueError, InvalidLunarDateError):
        raise BirthdayInvalid(f"the {birthday.calendar.value} calendar has no {_shown(birthday)}") from None
    if birthday.year is not None and birthday.year < _EARLIEST_YEAR:
        raise BirthdayInvalid(f"nobody alive was born in {birthday.year}")
    if born and today and born > today:
        raise BirthdayInvalid(f"{_shown(birthday)} is still to come")


def _shown(birthday: Birthday) -> str:
    return birthday.text + (" (leap month)" if birthday.leap_month else "")


def _solar_born(birthday: Birthday) -> date | None:
    if birthday.leap_month:
        raise ValueError("no leap months here")
    # 2000 was a leap year: 02-29 is a birthday.
    found = date(birthday.year or 2000, birthday.month, birthday.day)
    return found if birthday.year else None


def _lunar_born(birthday: Birthday) -> date | None:
    if birthday.year is not None:
        found: date = LunarDate(birthday.year, birthday.month, birthday.day, int(birthday.leap_month)).to_solar_date()
        return found
    if not 1 <= birthday.month <= 12:
        raise ValueError("no such month")
    # Without a year it is enough that some year has the day.
    years = LCalendars.get_leap_years(birthday.month) if birthday.leap_month else range(1900, 2101)
    longest = max((LCalendars.ndays(year, birthday.month, int(birthday.leap_month)) for year in years), default=0)
    if not 1 <= birthday.day <= longest:
        raise ValueError("no such day")
    return None


def _said_calendar(text: str, bare: str) -> BirthdayCalendar | None:
    if _LUNAR_WORDS.search(text) or _ONLY_LUNAR.search(bare):
        return BirthdayCalendar.LUNAR
    return BirthdayCalendar.GREGORIAN if _SOLAR_WORDS.search(text) else None


def _read(bare: str, text: str) -> tuple[int | None, bool, int, int]:
    if found := _ISO.fullmatch(bare) or _COMPACT.fullmatch(bare):
        return (int(found[1]) if found[1] else None), False, int(found[2]), int(found[3])
    if found := _CHINESE.fullmatch(bare):
        year = int("".join(str(_DIGITS.get(c, c)) for c in found[1])) if found[1] else None
        return year, bool(found[2]), _number(found[3]), _number(found[4])
    raise BirthdayInvalid(f"{text!r} is not a birthday; write it like 1955-08-15, 08-15 or 农历八月十五")


def _number(text: str) -> int:
    """八 -> 8, 十五 -> 15, 廿三 -> 23, 三十 -> 30, 腊 -> 12."""
    if text.isascii():
        return int(text)
    if text in _MONTHS:
        return _MONTHS[text]
    text = text.removeprefix("初").replace("廿", "二十").replace("卅", "三十").replace("十十", "十")
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return 10 * (_DIGITS.get(tens, 0) if tens else 1) + (_DIGITS.get(ones, 0) if ones else 0)
