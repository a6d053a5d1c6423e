"""What the rules allow for a ticket, and whether somebody has to agree: facts -> options, with reasons. Pure.

Nothing that anybody wrote takes part: the severity is scored without words, amounts come from the rules and the order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.money import Money
from staff.values import Actor, Role
from tickets.facts import TicketFacts, fits
from tickets.rules import Amounts, CompensationRule, Limits, Offer, TicketRules, minor
from tickets.severity import score_for_money, values_of
from tickets.values import POINTS, GrantKind, Reason


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be given. `automatic`: without asking anybody."""

    kind: GrantKind
    money: Money
    rule: str
    because: Reason
    automatic: bool
    valid_days: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was promised already, in one currency, in minor units; `order_value` None: no order that counts."""

    ticket: int = 0
    customer: int = 0
    order: int = 0
    budget: int = 0
    order_value: int | None = None


def options(facts: TicketFacts, rules: TicketRules, currency: str, category_name: str = "") -> tuple[Option, ...]:
    """What fits, in the order of the rules, one of a kind. `currency`: the shop's own, for what has no order."""
    severity = score_for_money(facts, rules)
    found: dict[GrantKind, Option] = {}
    for rule in rules.compensation:
        if rule.offer.kind in found or not fits(rule.when, facts, severity):
            continue
        money = amount_of(rule.offer, facts, currency)
        if money is not None:
            found[rule.offer.kind] = _option(rule, money, facts, rules.limits, category_name)
    return tuple(found.values())


def _option(rule: CompensationRule, money: Money, facts: TicketFacts, limits: Limits, category_name: str) -> Option:
    values = values_of(facts) | {"category": category_name or facts.category or "-"}
    return Option(
        kind=rule.offer.kind,
        money=money,
        rule=rule.id,
        because=Reason.of(rule.id, rule.because, **values),
        automatic=rule.automatic and is_automatic(money, facts, limits),
        valid_days=rule.offer.valid_days,
    )


def is_automatic(money: Money, facts: TicketFacts, limits: Limits) -> bool:
    """Below the limit, for a verified customer and their own order, outside the cooldown, and no frequent claimer."""
    if money.amount_minor == 0:
        return True
    limit = minor(limits.automatic, money.currency) or 0
    rested = facts.days_since_grant is None or facts.days_since_grant >= limits.cooldown_days
    order_is_theirs = facts.order_value_minor is None or facts.order_verified
    return facts.verified and order_is_theirs and rested and not facts.often and money.amount_minor <= limit


def amount_of(offer: Offer, facts: TicketFacts, currency: str) -> Money | None:
    """The rule's amount; None when it is nothing in that currency."""
    if offer.kind is GrantKind.APOLOGY:
        return Money(0, currency)
    if offer.kind is GrantKind.POINTS:
        return _fixed(offer.amount, POINTS)
    if offer.percent is None:
        return _fixed(offer.amount, facts.currency or currency)
    return _share(offer, facts.order_value, offer.percent)


def _fixed(amounts: Amounts | None, currency: str) -> Money | None:
    amount = minor(amounts or {}, currency)
    return Money(amount, currency) if amount else None


def _share(offer: Offer, order: Money | None, percent: Decimal) -> Money | None:
    """Rounded to the nearest minor unit, half up, between the offer's bounds."""
    if order is None:
        return None
    amount = int((Decimal(order.amount_minor) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
    least, most = minor(offer.at_least, order.currency), minor(offer.at_most, order.currency)
    amount = max(amount, least or 0)
    amount = amount if most is None else min(amount, most)
    return Money(amount, order.currency) if amount else None


def limit_of(actor: Actor, limits: Limits, currency: str) -> int:
    """What this person may give without asking anybody, in minor units."""
    if not actor.is_at_least(Role.AGENT):
        return 0
    return minor(limits.supervisor if actor.is_at_least(Role.SUPERVISOR) else limits.agent, currency) or 0


def refusals(money: Money, taken: Taken, limits: Limits, budget: int) -> Iterator[tuple[str, int]]:
    """Each limit that `money` on top of `taken` would pass, with what is left under it. Nobody passes these."""
    caps = {
        "per_ticket": (minor(limits.per_ticket, money.currency) or 0, taken.ticket),
        "per_customer": (minor(limits.per_customer, money.currency) or 0, taken.customer),
        "budget": (budget, taken.budget),
    }
    if taken.order_value is not None:
        caps["per_order"] = (int(taken.order_value * limits.order_percent / 100), taken.order)
    for name, (cap, used) in caps.items():
        if used + money.amount_minor > cap:
            yield name, max(0, cap - used)
