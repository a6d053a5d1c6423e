"""The rules of the kind `calendars`: opening hours by name. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import InvalidInput
from core.rule_texts import RuleKind, RuleText
from tickets.business_hours import BusinessHours, Window, Windows


def _windows(texts: list[str]) -> list[str]:
    for text in texts:
        try:
            Window.parse(text)
        except InvalidInput as error:
            raise ValueError(error.detail) from None
    return texts


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone's name, such as Asia/Shanghai")
    return name


def _day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


OpenTimes = Annotated[list[str], AfterValidator(_windows)]
Day = Annotated[date, BeforeValidator(_day)]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar(RuleText):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    mon: OpenTimes = Field(default_factory=list)
    tue: OpenTimes = Field(default_factory=list)
    wed: OpenTimes = Field(default_factory=list)
    thu: OpenTimes = Field(default_factory=list)
    fri: OpenTimes = Field(default_factory=list)
    sat: OpenTimes = Field(default_factory=list)
    sun: OpenTimes = Field(default_factory=list)
    holidays: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    make_up: list[Day] = Field(default_factory=list)
    dates: dict[Day, OpenTimes] = Field(default_factory=dict)

    @property
    def weekly(self) -> tuple[Windows, ...]:
        return tuple(parse_windows(getattr(self, day)) for day in _DAYS)


class CalendarRules(RuleText):
    default: str
    calendar: list[Calendar] = Field(min_length=1)

    def find(self, name: str | None) -> Calendar | None:
        return next((one for one in self.calendar if one.id == name), None)

    def named(self, name: str | None) -> Calendar:
        """The calendar called `name`; the default one when there is none."""
        found = self.find(name) or self.find(self.default)
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """A country's days off and the weekend days that are worked to make up for them.

    `make_up_known` holds the years for which the latter are known; None: the country has no such custom.
    """

    closed: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()
    make_up_known: frozenset[int] | None = None


HolidaysOf = Callable[[str], PublicHolidays]


def check(rules: CalendarRules) -> Iterator[tuple[str, str]]:
    if rules.find(rules.default) is None:
        yield "default", f"there is no calendar {rules.default!r}"
    seen: set[str] = set()
    for number, calendar in enumerate(rules.calendar, start=1):
        if calendar.id in seen:
            yield f"calendar[{number}].id", f"there is a {calendar.id!r} above already"
        seen.add(calendar.id)
        if not any(calendar.weekly) and not any(calendar.dates.values()):
            yield f"calendar[{number}]", "is never open"


def parse_windows(texts: list[str]) -> Windows:
    return tuple(Window.parse(text) for text in texts)


def hours_of(calendar: Calendar, zone: ZoneInfo, holidays_of: HolidaysOf) -> BusinessHours:
    """The calendar's opening hours; `zone` where it names none."""
    public = holidays_of(calendar.holidays) if calendar.holidays else PublicHolidays()
    return BusinessHours(
        zone=ZoneInfo(calendar.zone) if calendar.zone else zone,
        weekly=calendar.weekly,
        closed=public.closed,
        make_up=public.make_up | frozenset(calendar.make_up),
        own_dates={day: parse_windows(texts) for day, texts in calendar.dates.items()},
    )


def unknown_make_up(calendar: Calendar, year: int, holidays_of: HolidaysOf) -> bool:
    """Whether the calendar follows a country whose make-up days of `year` nobody has announced to us."""
    if not calendar.holidays:
        return False
    known = holidays_of(calendar.holidays).make_up_known
    return known is not None and year not in known and not any(day.year == year for day in calendar.make_up)


CALENDARS = RuleKind("calendars", CalendarRules, files("tickets").joinpath("calendars.toml").read_text("utf-8"), check)
