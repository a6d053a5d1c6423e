"""What is promised, by when, and how much of it is used up. Pure.

A clock counts business time. While the ticket waits for the customer or a third party it stands still; a change of
the promise keeps what was used. An end is promised "solved or dated": a date that the customer is given stands in for
the end, and is what is watched from then on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tickets.business_hours import BusinessHours
from tickets.facts import TicketFacts, fits
from tickets.rules import EscalationRule, Promise, SlaRule, TicketRules
from tickets.values import Count, Severity, Target

_NOTHING = timedelta()
#: Whoever gave a time is reminded so long before it, and the customer hears so long before a plan breaks that it will.
_REMINDED, _WARNED = timedelta(minutes=30), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Hours:
    """One calendar, counted in each of the three ways."""

    open: BusinessHours
    open_days: BusinessHours
    always: BusinessHours

    @classmethod
    def of(cls, hours: BusinessHours) -> "Hours":
        return cls(hours, hours.whole_days(), BusinessHours.always(hours.zone))

    def counted(self, count: Count) -> BusinessHours:
        found: BusinessHours = getattr(self, count.value)
        return found


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise's clock. `spent` was used before `since`; `since` None: it stands still.

    `within`, `count` and `warn_at` come from the rule `rule`. `plan`: by when the customer was told that it will be
    settled; while it holds nothing more is used.
    """

    target: Target
    within: timedelta
    count: Count
    warn_at: float
    rule: str
    spent: timedelta = _NOTHING
    since: datetime | None = None
    plan: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.since is not None

    def used(self, hours: Hours, now: datetime) -> timedelta:
        """The time used up until `now`."""
        if self.since is None or self.plan is not None:
            return self.spent
        return self.spent + hours.counted(self.count).between(self.since, now)

    def due_at(self, hours: Hours) -> datetime | None:
        """When the promise breaks; None while the clock stands still."""
        if self.plan is not None:
            return self.plan if self.is_running else None
        return self._reaches(hours, self.within)

    def warn_due_at(self, hours: Hours) -> datetime | None:
        """When somebody has to be warned."""
        if self.plan is not None:
            return before(self.plan, self.since, _WARNED) if self.since is not None else None
        return self._reaches(hours, self.within * self.warn_at)

    def _reaches(self, hours: Hours, amount: timedelta) -> datetime | None:
        if self.since is None:
            return None
        return hours.counted(self.count).add(self.since, amount - self.spent)

    def started(self, now: datetime) -> "Clock":
        return self if self.is_running else replace(self, since=now)

    def resumed(self, now: datetime) -> "Clock":
        """The wait is over. A plan whose time came meanwhile binds no more: it could not be kept without them."""
        is_over = self.plan is not None and self.plan <= now and not self.is_running
        return (replace(self, plan=None) if is_over else self).started(now)

    def planned(self, hours: Hours, at: datetime, now: datetime) -> "Clock":
        """The customer is told that it will be settled by `at`."""
        kept = replace(self.paused(hours, now), plan=at)
        return kept.started(now) if self.is_running else kept

    def paused(self, hours: Hours, now: datetime) -> "Clock":
        return replace(self, spent=self.used(hours, now), since=None)

    def promising(self, hours: Hours, promise: Promise, rule: SlaRule, now: datetime) -> "Clock":
        """The same clock under another promise: what is used stays used."""
        kept = self.paused(hours, now)
        changed = replace(kept, within=promise.within, count=promise.count, warn_at=rule.warn_at, rule=rule.id)
        return changed.started(now) if self.is_running else changed


def choose(facts: TicketFacts, severity: Severity, rules: TicketRules) -> SlaRule:
    """The promise that holds: the first rule that fits."""
    return next(rule for rule in rules.sla if fits(rule.when, facts, severity))


def new_clock(rule: SlaRule, target: Target, now: datetime) -> Clock | None:
    """A clock that starts now; None when the rule promises nothing of the kind."""
    promise = rule.promise(target)
    if promise is None:
        return None
    return Clock(target, promise.within, promise.count, rule.warn_at, rule.id, since=now)


def promise_again(clocks: Mapping[Target, Clock], rule: SlaRule, hours: Hours, now: datetime) -> Iterator[Clock]:
    """The clocks under `rule`; one that it promises nothing for is left out."""
    for target, clock in clocks.items():
        promise = rule.promise(target)
        if promise is not None:
            yield clock.promising(hours, promise, rule, now)


def remind_at(now: datetime, due_at: datetime) -> datetime:
    """When to remind whoever gave a time at `now`."""
    return before(due_at, now, _REMINDED)


def before(due_at: datetime, since: datetime, span: timedelta) -> datetime:
    """So long before `due_at`, or halfway there when that is later."""
    return max(due_at - span, since + (due_at - since) / 2)


def later(hours: BusinessHours, now: datetime, amount: timedelta) -> datetime:
    """A new time to tell a customer whom we keep waiting: the next quarter of an hour; seconds past it do not count."""
    at = hours.add(now, amount).replace(second=0, microsecond=0)
    return at + timedelta(minutes=-at.minute % 15)


def escalations(rules: TicketRules, on: str, target: Target, severity: Severity) -> Iterator[EscalationRule]:
    """The rules that say who hears of a warning or a breach."""
    for rule in rules.escalation:
        of_target = rule.targets is None or target in rule.targets
        of_severity = rule.severities is None or severity in rule.severities
        if rule.on == on and of_target and of_severity:
            yield rule
