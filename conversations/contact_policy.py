"""The one policy about every outgoing word: may it go out now, later, or not at all, and why. Pure.

An answer to what was said always goes. What the shop says first has to be allowed, welcome now, and not too much. What
may not go out at once waits for the first instant at which it may; what is stale by then is dropped with the reason
that held it up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from conversations.contact_rules import ContactRules, QuietHours, Reason
from conversations.values import MessageKind
from tickets.business_hours import first_instant

#: What has no end that could be foreseen (an open complaint) is asked about again after this long.
LOOK_AGAIN = timedelta(minutes=30)
#: The last look at something that waits, before it expires.
_LAST_LOOK = timedelta(minutes=1)
_ANSWERS = (MessageKind.REPLY, MessageKind.AGENT_REPLY)
#: What counts against caps and distance.
UNASKED = (MessageKind.CARE, MessageKind.PROMOTION)


class Verdict(StrEnum):
    SEND = "send"
    WAIT = "wait"
    SKIP = "skip"


class Address(StrEnum):
    """Whether messages reach the customer on the channel that would carry them.

    `GONE`: not now, perhaps later (a closed web page). `BLOCKED`: they shut the shop out.
    """

    REACHABLE = "reachable"
    GONE = "gone"
    BLOCKED = "blocked"
    NONE = "none"


class Answer(StrEnum):
    """What a customer said to a kind of message."""

    NEVER_ASKED = "never_asked"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to say. `outranked`: something more important for the same customer is due as well."""

    kind: MessageKind
    expires_at: datetime | None = None
    survey: bool = False
    outranked: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """The customer as the policy sees them. `blocked`: by the shop. `zone`: their own, or the shop's."""

    zone: ZoneInfo
    address: Address = Address.REACHABLE
    care: Answer = Answer.YES
    promotion: Answer = Answer.NEVER_ASKED
    blocked: bool = False
    sample: bool = False
    writes_first: bool = False
    open_complaint: bool = False
    with_person: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Something that was said unasked, or may have been (`unknown`), or is being said right now."""

    at: datetime
    kind: MessageKind
    survey: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """`last_word_at`: of the customer. `on_hold`: everything that the shop says first is."""

    contacts: tuple[Contact, ...] = ()
    last_word_at: datetime | None = None
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`until`: when to ask again. `rule` is the rule's id within its kind; `values` fill the reason's text."""

    verdict: Verdict
    because: Reason
    rule: str = ""
    until: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Hindrance:
    """Something that passes at `until`; without one, nobody can say when."""

    because: Reason
    rule: str
    until: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def may_send(wanted: Wanted, customer: Recipient, history: History, now: datetime, rules: ContactRules) -> Decision:
    """Whether this may go to this customer `now`."""
    if wanted.kind in _ANSWERS:
        return Decision(Verdict.SEND, Reason.DUE)
    if (never := _never(wanted, customer, now)) is not None:
        return Decision(Verdict.SKIP, never, never.value)
    hindrances = list(_hindrances(wanted, customer, history, now, rules))
    if not hindrances:
        return Decision(Verdict.SEND, Reason.DUE)
    return _wait(wanted, customer, hindrances, now, rules)


def _never(wanted: Wanted, customer: Recipient, now: datetime) -> Reason | None:
    """What no waiting changes."""
    if wanted.expires_at is not None and now >= wanted.expires_at:
        return Reason.EXPIRED
    if customer.sample:
        return Reason.SAMPLE
    if customer.address is Address.NONE:
        return Reason.NO_CHANNEL
    if customer.address is Address.BLOCKED:
        return Reason.BLOCKED
    return None if wanted.kind is MessageKind.SERVICE else _not_welcome(wanted, customer)


def _not_welcome(wanted: Wanted, customer: Recipient) -> Reason | None:
    if customer.blocked:
        return Reason.BLOCKED
    asked = [customer.care, customer.promotion] if wanted.kind is MessageKind.PROMOTION else [customer.care]
    if Answer.NO in asked or customer.writes_first:
        return Reason.OPTED_OUT
    return Reason.NO_CONSENT if Answer.NEVER_ASKED in asked else None


def _hindrances(
    wanted: Wanted, customer: Recipient, history: History, now: datetime, rules: ContactRules
) -> Iterator[_Hindrance]:
    if customer.address is Address.GONE:
        yield _Hindrance(Reason.UNREACHABLE, Reason.UNREACHABLE.value)
    quiet = rules.quiet_hours
    if (until := quiet_until(quiet, customer.zone, now)) and not _is_talking(wanted, history, now, quiet):
        values = {"from": f"{quiet.starts:%H:%M}", "until": f"{quiet.ends:%H:%M}"}
        yield _Hindrance(Reason.QUIET_HOURS, "quiet_hours", until, values)
    if wanted.kind in UNASKED:
        yield from _not_now(wanted, customer, history, rules)
        yield from _too_much(wanted, history, now, rules)


def _is_talking(wanted: Wanted, history: History, now: datetime, quiet: QuietHours) -> bool:
    """Whoever has just written is awake: news of their own matters may follow."""
    if wanted.kind is not MessageKind.SERVICE or history.last_word_at is None:
        return False
    return now - history.last_word_at <= timedelta(minutes=quiet.service_minutes)


def _not_now(wanted: Wanted, customer: Recipient, history: History, rules: ContactRules) -> Iterator[_Hindrance]:
    if history.on_hold:
        yield _Hindrance(Reason.HOLD, "hold")
    if customer.open_complaint and rules.holds.open_complaint:
        yield _Hindrance(Reason.OPEN_COMPLAINT, "holds.open_complaint")
    if customer.with_person and rules.holds.with_person:
        yield _Hindrance(Reason.WITH_PERSON, "holds.with_person")
    if wanted.outranked:
        yield _Hindrance(Reason.OUTRANKED, "outranked")


def _too_much(wanted: Wanted, history: History, now: datetime, rules: ContactRules) -> Iterator[_Hindrance]:
    said = sorted(contact.at for contact in history.contacts if contact.kind in UNASKED)
    for cap in rules.cap:
        if (until := _free_at(said, cap.most, timedelta(days=cap.days), now)) is not None:
            values = {"days": str(cap.days), "most": str(cap.most)}
            yield _Hindrance(Reason.CAP, f"cap/{cap.id}", until, values)
    distance = timedelta(hours=rules.distance.hours)
    if said and now - said[-1] < distance:
        hours = f"{rules.distance.hours:g}"
        yield _Hindrance(Reason.TOO_CLOSE, "distance", said[-1] + distance, {"hours": hours})
    if wanted.survey:
        asked = sorted(contact.at for contact in history.contacts if contact.survey)
        surveys = rules.surveys
        if (until := _free_at(asked, surveys.most, timedelta(days=surveys.days), now)) is not None:
            values = {"days": str(surveys.days), "most": str(surveys.most)}
            yield _Hindrance(Reason.CAP, "surveys", until, values)


def _free_at(said: list[datetime], most: int, window: timedelta, now: datetime) -> datetime | None:
    """When one more is within the cap; None: now. `said` is sorted, and what lies ahead of a set-back clock counts."""
    recent = [at for at in said if at > now - window]
    if len(recent) < most:
        return None
    return recent[len(recent) - most] + window if most else now + window


def _wait(
    wanted: Wanted, customer: Recipient, hindrances: list[_Hindrance], now: datetime, rules: ContactRules
) -> Decision:
    """Names what lasts longest; what cannot be foreseen is looked at again, and once more before the end."""
    known = [one for one in hindrances if one.until is not None]
    unknown = [one for one in hindrances if one.until is None]
    named = unknown[0] if unknown else max(known, key=lambda one: one.until or now)
    until = max([one.until or now for one in known] + ([now + LOOK_AGAIN] if unknown else []))
    until = quiet_until(rules.quiet_hours, customer.zone, until) or until
    if unknown and not known and wanted.expires_at is not None:
        last_look = wanted.expires_at - _LAST_LOOK
        until = min(until, last_look) if now < last_look else until
    if wanted.expires_at is not None and until >= wanted.expires_at:
        return Decision(Verdict.SKIP, named.because, named.rule, None, named.values)
    return Decision(Verdict.WAIT, named.because, named.rule, until, named.values)


def quiet_until(quiet: QuietHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    """The end of the quiet hours in which `at` lies; None: it lies in none."""
    if not _is_quiet(quiet, zone, at):
        return None
    day = at.astimezone(zone).date()
    ends = (first_instant(datetime.combine(day + timedelta(days=n), quiet.ends), zone) for n in range(3))
    # Where a clock is set back over the end of the quiet hours, they end twice.
    return next((end for end in ends if end > at and not _is_quiet(quiet, zone, end)), at + timedelta(hours=1))


def _is_quiet(quiet: QuietHours, zone: ZoneInfo, at: datetime) -> bool:
    wall = at.astimezone(UTC).astimezone(zone).time()
    if quiet.starts <= quiet.ends:
        return quiet.starts <= wall < quiet.ends
    return wall >= quiet.starts or wall < quiet.ends
