"""What is promised, by when, and how much of it is used up. Pure.

A clock counts business time. While the ticket waits for the customer or a third party it stands still; a change of
the promise keeps what was used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tickets.business_hours import BusinessHours
from tickets.facts import TicketFacts, fits
from tickets.rules import EscalationRule, Promise, SlaRule, TicketRules
from tickets.values import Count, Severity, Target

_NOTHING = timedelta()


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

    `within`, `count` and `warn_at` come from the rule `rule`.
    """

    target: Target
    within: timedelta
    count: Count
    warn_at: float
    rule: str
    spent: timedelta = _NOTHING
    since: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.since is not None

    def used(self, hours: Hours, now: datetime) -> timedelta:
        """The time used up until `now`."""
        if self.since is None:
            return self.spent
        return self.spent + hours.counted(self.count).between(self.since, now)

    def due_at(self, hours: Hours) -> datetime | None:
        """When the promise breaks; None while the clock stands still."""
        return self._reaches(hours, self.within)

    def warn_due_at(self, hours: Hours) -> datetime | None:
        """When somebody has to be warned."""
        return self._reaches(hours, self.within * self.warn_at)

    def _reaches(self, hours: Hours, amount: timedelta) -> datetime | None:
        if self.since is None:
            return None
        return hours.counted(self.count).add(self.since, amount - self.spent)

    def started(self, now: datetime) -> "Clock":
        return self if self.is_running else replace(self, since=now)

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
