"""What the rules see of a ticket: typed facts, kept with every decision, so that it can be explained and replayed."""

from collections.abc import Collection
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from core.money import Money
from customers.values import Tier
from tickets.rules import When, minor
from tickets.values import Severity, TicketKind


class TicketFacts(BaseModel):
    """`words`: ids of the groups of words that were found. The order counts only when it is theirs for certain.

    `repeats`: other complaints of the customer within the rules' days; `score`: the last that they gave.
    """

    model_config = ConfigDict(frozen=True)

    kind: TicketKind = TicketKind.COMPLAINT
    category: str | None = None
    words: tuple[str, ...] = ()
    tier: Tier = Tier.STANDARD
    order_value_minor: int | None = None
    currency: str | None = None
    repeats: int = 0
    waited_minutes: int = 0
    score: int | None = None
    reopened: int = 0
    verified: bool = False
    order_verified: bool = False
    #: Whole days since the customer's last grant.
    days_since_grant: int | None = None
    often: bool = False

    @property
    def order_value(self) -> Money | None:
        if self.order_value_minor is None or self.currency is None:
            return None
        return Money(self.order_value_minor, self.currency)

    def without_words(self) -> "TicketFacts":
        """What may decide about money: nothing that somebody wrote."""
        return self.model_copy(update={"words": ()})


def fits(when: When, facts: TicketFacts, severity: Severity | None = None) -> bool:
    """Whether all that `when` asks for holds."""
    return (
        _among(when.kinds, facts.kind)
        and _among(when.categories, facts.category)
        and _among(when.tiers, facts.tier)
        and _among(when.severities, severity)
        and (when.words is None or not set(when.words).isdisjoint(facts.words))
        and _at_least(when.repeats_at_least, facts.repeats)
        and _at_least(when.reopened_at_least, facts.reopened)
        and when.verified in (None, facts.verified)
        and (when.score_at_most is None or (facts.score is not None and facts.score <= when.score_at_most))
        and (when.waited_over is None or timedelta(minutes=facts.waited_minutes) > when.waited_over)
        and _is_dear(when, facts)
    )


def _among(wanted: Collection[object] | None, value: object) -> bool:
    return wanted is None or value in wanted


def _at_least(wanted: int | None, value: int) -> bool:
    return wanted is None or value >= wanted


def _is_dear(when: When, facts: TicketFacts) -> bool:
    if when.order_value_over is None:
        return True
    value = facts.order_value
    limit = None if value is None else minor(when.order_value_over, value.currency)
    return value is not None and limit is not None and value.amount_minor > limit
