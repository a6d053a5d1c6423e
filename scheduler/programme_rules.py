"""The rules of the kind `programmes`: what Kefu writes first, on which occasion, to whom. Pure."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from conversations.contact_rules import WallTime
from core.rule_texts import Because, RuleKind, RuleText
from core.shop_facts import Localised
from customers.values import BirthdayCalendar, OrderStatus, Stage, Tier
from scheduler.occasions import KnownHoliday, names_of_holidays
from scheduler.step_rules import Id, Step, check_step
from tickets.rules import Amounts
from tickets.values import TicketKind, TicketStatus

_Language = Literal["zh", "en"]
_OWN_DATE = re.compile(r"(\d{4}-)?\d{2}-\d{2}")
#: A year against which holidays' names are checked.
_SOME_YEAR = 2026


class ProgrammeKind(StrEnum):
    SERVICE = "service"
    CARE = "care"
    PROMOTION = "promotion"


class DateField(StrEnum):
    """`joined`: the day on which the customer agreed to follow-ups."""

    BIRTHDAY = "birthday"
    JOINED = "joined"


class Cancel(StrEnum):
    """What makes a planned follow-up void.

    `returned`: its order was sent back or cancelled. `moved_on`: its order or ticket is no longer as it was.
    `open_complaint`: the customer has one. `ordered`: they have bought since. `answered`: they have answered a step.
    """

    RETURNED = "returned"
    MOVED_ON = "moved_on"
    OPEN_COMPLAINT = "open_complaint"
    ORDERED = "ordered"
    ANSWERED = "answered"


class OnDateField(RuleText):
    on: Literal["date"]
    field: DateField


class OnHoliday(RuleText):
    """One of: a known holiday; a country's own by its English name; a date, `MM-DD` each year or `YYYY-MM-DD` once."""

    on: Literal["holiday"]
    holiday: KnownHoliday | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")
    name: str | None = None
    date: str | None = None
    calendar: BirthdayCalendar = BirthdayCalendar.GREGORIAN


class OnOrder(RuleText):
    """An order came to be `status`. `by_category`: other numbers of days than the programme's."""

    on: Literal["order"]
    status: OrderStatus
    by_category: dict[str, Annotated[int, Field(ge=0, le=3650)]] = Field(default_factory=dict)


class OnTicket(RuleText):
    on: Literal["ticket"]
    status: Literal[TicketStatus.RESOLVED, TicketStatus.CLOSED]
    kinds: list[TicketKind] = Field(default_factory=lambda: [TicketKind.COMPLAINT], min_length=1)


class OnSegment(RuleText):
    """A customer moved into one of these tiers or stages. `up`: only from a lower tier."""

    on: Literal["segment"]
    tiers: list[Tier] = Field(default_factory=list)
    stages: list[Stage] = Field(default_factory=list)
    up: bool = False


class OnSilence(RuleText):
    """Neither an order nor a word for so many months (of 30 days)."""

    on: Literal["silence"]
    months: int = Field(ge=1, le=120)


class OnEvent(RuleText):
    """Another system posted an event of this kind."""

    on: Literal["event"]
    kind: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")


Trigger = Annotated[
    OnDateField | OnHoliday | OnOrder | OnTicket | OnSegment | OnSilence | OnEvent, Field(discriminator="on")
]


class Audience(RuleText):
    """All that are given must hold; of a list one entry."""

    tiers: list[Tier] = Field(default_factory=list)
    stages: list[Stage] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    languages: list[_Language] = Field(default_factory=list)
    orders_at_least: int = Field(0, ge=0)


class Programme(RuleText):
    """`days` after the occasion (before it: negative), `at` a local time; without one, at the instant itself.

    `priority`: the smallest goes first when two fall together. `holdout`: the share that is kept out to compare with.
    `budget`: what its gifts may cost a month. `later_days`: when it comes again to who answered "later".
    """

    id: Id
    name: Localised
    kind: ProgrammeKind
    because: Because
    trigger: Trigger
    days: int = Field(0, ge=-60, le=3650)
    at: WallTime | None = None
    lasts_hours: float = Field(gt=0, le=24 * 60)
    priority: int = Field(5, ge=1, le=9)
    survey: bool = False
    holdout: float = Field(0.0, ge=0, le=0.9)
    audience: Audience = Audience()
    cancel_if: list[Cancel] = Field(default_factory=list)
    bought_within_days: int = Field(30, ge=1, le=365)
    budget: Amounts = Field(default_factory=dict)
    later_days: int = Field(14, ge=1, le=365)
    step: list[Step] = Field(min_length=1, max_length=10)


class ProgrammeRules(RuleText):
    programme: list[Programme]

    def find(self, programme_id: str) -> Programme | None:
        return next((one for one in self.programme if one.id == programme_id), None)


#: What every text may name.
_ALWAYS = frozenset({"name", "shop"})
_BY_TRIGGER = {
    "order": frozenset({"order", "product", "tracking"}),
    "ticket": frozenset({"number", "subject"}),
    "segment": frozenset({"tier", "benefits"}),
    "event": frozenset({"product", "price", "link", "text"}),
}


def slots_of(trigger: Trigger) -> frozenset[str]:
    """The placeholders that the texts of a programme with this trigger may use."""
    return _ALWAYS | _BY_TRIGGER.get(trigger.on, frozenset())


def check(rules: ProgrammeRules) -> Iterator[tuple[str, str]]:
    """What the shapes alone do not show: (path, reason)."""
    ids = [one.id for one in rules.programme]
    for number, programme in enumerate(rules.programme, start=1):
        path = f"programme[{number}]"
        if programme.id in ids[: number - 1]:
            yield f"{path}.id", f"there is a {programme.id!r} above already"
        yield from _check_trigger(f"{path}.trigger", programme.trigger)
        if isinstance(programme.trigger, OnDateField | OnHoliday) and programme.at is None:
            yield f"{path}.at", "is missing: a day has no time of its own"
        if programme.days < 0 and not isinstance(programme.trigger, OnDateField | OnHoliday):
            yield f"{path}.days", "what has not happened yet cannot be known: 0 or more"
        for index, step in enumerate(programme.step, start=1):
            yield from check_step(f"{path}.step[{index}]", step, slots_of(programme.trigger))


def _check_trigger(path: str, trigger: Trigger) -> Iterator[tuple[str, str]]:
    if isinstance(trigger, OnHoliday):
        yield from _check_holiday(path, trigger)
    if isinstance(trigger, OnSegment) and bool(trigger.tiers) == bool(trigger.stages):
        yield path, "name either tiers or stages"


def _check_holiday(path: str, trigger: OnHoliday) -> Iterator[tuple[str, str]]:
    given = [trigger.holiday is not None, trigger.country is not None, trigger.date is not None]
    if given.count(True) != 1:
        yield path, "name one of: holiday, country with name, date"
    elif trigger.country is not None:
        names = names_of_holidays(trigger.country, _SOME_YEAR)
        if not names:
            yield f"{path}.country", f"{trigger.country!r} is not known"
        elif trigger.name is None or trigger.name.lower() not in {name.lower() for name in names}:
            yield f"{path}.name", f"is not among: {', '.join(names)}"
    elif trigger.date is not None and not _is_date(trigger):
        yield f"{path}.date", f"{trigger.date!r} is no date; write it like 05-20 or 2026-05-20"


def _is_date(trigger: OnHoliday) -> bool:
    """The 30th of a lunar month, and 29 February, exist."""
    text = trigger.date or ""
    if not _OWN_DATE.fullmatch(text):
        return False
    if trigger.calendar is BirthdayCalendar.LUNAR:
        return len(text) == len("MM-DD") and 1 <= int(text[:2]) <= 12 and 1 <= int(text[3:]) <= 30
    try:
        date.fromisoformat(text if len(text) > len("MM-DD") else f"2000-{text}")
    except ValueError:
        return False
    return True


PROGRAMMES = RuleKind(
    "programmes", ProgrammeRules, files("scheduler").joinpath("programmes.toml").read_text("utf-8"), check
)
