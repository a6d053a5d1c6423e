"""The rules of the kind `contact`: when Kefu may write first, and why not. Pure."""

from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from importlib.resources import files
from typing import Annotated

from pydantic import BeforeValidator, Field

from core.rule_texts import Because, RuleKind, RuleText


class Reason(StrEnum):
    """Why something goes out or does not. The names are stable: scripts read them."""

    DUE = "due"
    PROGRAMME_OFF = "programme_off"
    NO_CONSENT = "no_consent"
    OPTED_OUT = "opted_out"
    NO_CHANNEL = "no_channel"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    SAMPLE = "sample"
    QUIET_HOURS = "quiet_hours"
    CAP = "cap"
    TOO_CLOSE = "too_close"
    OUTRANKED = "outranked"
    OPEN_COMPLAINT = "open_complaint"
    WITH_PERSON = "with_person"
    HOLDOUT = "holdout"
    EXPIRED = "expired"
    HOLD = "hold"


def _wall_time(value: object) -> object:
    """Reads `21:00`, and TOML's own `21:00:00`."""
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is no time of day; write it like 21:00") from None


WallTime = Annotated[time, BeforeValidator(_wall_time)]


class QuietHours(RuleText):
    """No quiet hours where `starts` equals `ends`."""

    starts: WallTime = Field(alias="from")
    ends: WallTime = Field(alias="until")
    service_minutes: int = Field(ge=0, le=1440)


class Cap(RuleText):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    days: int = Field(ge=1, le=400)
    most: int = Field(ge=0, le=1000)


class Distance(RuleText):
    hours: float = Field(ge=0, le=8760)


class Surveys(RuleText):
    days: int = Field(ge=1, le=3650)
    most: int = Field(ge=0, le=100)


class Holds(RuleText):
    open_complaint: bool
    with_person: bool


class Pace(RuleText):
    first_day: int = Field(ge=1, le=10_000_000)
    growth: float = Field(ge=1, le=1000)

    def most(self, days_on: int) -> int:
        """How many may go out on the day that lies `days_on` days after the first."""
        return int(min(self.first_day * self.growth ** min(days_on, 64), 1_000_000_000))


class Stops(RuleText):
    days: int = Field(ge=1, le=90)
    least: int = Field(ge=1, le=1_000_000)
    share: float = Field(gt=0, le=1)


class ContactRules(RuleText):
    quiet_hours: QuietHours
    cap: list[Cap] = Field(default_factory=list)
    distance: Distance
    surveys: Surveys
    holds: Holds
    pace: Pace
    stops: Stops
    reasons: dict[Reason, Because]
    causes: dict[str, Because] = Field(default_factory=dict)

    @property
    def remembers_days(self) -> int:
        """How far back what was sent still counts."""
        return max([self.surveys.days, *(cap.days for cap in self.cap)])


def check(rules: ContactRules) -> Iterator[tuple[str, str]]:
    """What the shapes alone do not show: (path, reason)."""
    for reason in Reason:
        if reason not in rules.reasons:
            yield f"reasons.{reason}", "is missing"
    ids = [cap.id for cap in rules.cap]
    for number, cap in enumerate(rules.cap, start=1):
        if cap.id in ids[: number - 1]:
            yield f"cap[{number}].id", f"there is a {cap.id!r} above already"
        if cap.most == 0:
            yield f"cap[{number}].most", "0 would stop everything: pause the programmes instead"


CONTACT = RuleKind("contact", ContactRules, files("conversations").joinpath("contact.toml").read_text("utf-8"), check)
