"""How grave a ticket is: facts -> severity, and why. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from tickets.facts import TicketFacts, fits
from tickets.rules import SeverityRule, TicketRules
from tickets.values import Reason, Severity


@dataclass(frozen=True, slots=True)
class Scored:
    """`rule` gave the severity before it was raised; `reasons` names it and those that raised it."""

    severity: Severity
    rule: str
    reasons: tuple[Reason, ...]

    def why(self, language: str) -> str:
        return ("；" if language == "zh" else "; ").join(reason.text(language) for reason in self.reasons)


def score(facts: TicketFacts, rules: TicketRules) -> Scored:
    """The highest severity of the rules that fit, raised by the largest of the raises that fit."""
    fitting = [rule for rule in rules.severity if fits(rule.when, facts)]
    base = max((rule for rule in fitting if rule.severity), key=_rank)
    raises = [rule for rule in fitting if rule.raise_by]
    assert base.severity is not None
    raised = base.severity.raised(max((rule.raise_by or 0 for rule in raises), default=0))
    return Scored(raised, base.id, tuple(_reasons(base, raises, facts)))


def score_for_money(facts: TicketFacts, rules: TicketRules) -> Severity:
    """The severity without anything that somebody wrote."""
    return score(facts.without_words(), rules).severity


def _rank(rule: SeverityRule) -> int:
    # `max` keeps the first of equals: the rule that stands first is named.
    return rule.severity.rank if rule.severity else -1


def _reasons(base: SeverityRule, raises: list[SeverityRule], facts: TicketFacts) -> Iterator[Reason]:
    for rule in (base, *raises):
        yield Reason.of(rule.id, rule.because, **values_of(facts))


def values_of(facts: TicketFacts) -> dict[str, object]:
    """What the braces of a `because` may name."""
    return {
        "order_value": facts.order_value or "-",
        "times": facts.repeats + 1,
        "waited": _span(facts.waited_minutes),
        "score": facts.score or "-",
        "reopened": facts.reopened,
        "tier": facts.tier.value.upper() if facts.tier == "vip" else facts.tier.value,
    }


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
