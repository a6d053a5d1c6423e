"""The rules of the kind `tickets`: categories, words, severity, promises, escalation, compensation, root causes."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from core.money import minor_digits
from core.rule_texts import Because, RuleKind, RuleText
from core.shop_facts import Localised
from customers.values import Tier
from tickets.values import Count, GrantKind, Severity, Target, TicketKind

_UNITS = {"m": 1, "h": 60, "d": 24 * 60}


def _span(text: object) -> object:
    """`15m`, `1h`, `3d` -> minutes."""
    if not isinstance(text, str):
        return text
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isdigit() or len(number) > 5:
        raise ValueError("write a time like 15m, 1h or 3d")
    return timedelta(minutes=int(number) * _UNITS[unit])


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[Decimal, Field(ge=0, le=10**9)]
#: Whole units of each currency; a currency that is missing is not given at all.
Amounts = dict[Currency, Amount]
Span = Annotated[timedelta, BeforeValidator(_span), Field(gt=timedelta(), le=timedelta(days=366))]
Days = Annotated[int, Field(ge=0, le=3660)]
Count0 = Annotated[int, Field(ge=0, le=1000)]


def minor(amounts: Amounts, currency: str) -> int | None:
    """The amount in minor units; None where the currency is missing."""
    amount = amounts.get(currency)
    return None if amount is None else to_minor(amount, currency)


def to_minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency)).to_integral_value())


class Words(RuleText):
    """Chinese words are found anywhere, English ones as whole words. `without`: taken out of a text first."""

    zh: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    en: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    without: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)


class WordGroup(Words):
    id: Id


class Category(RuleText):
    id: Id
    name: Localised
    kind: TicketKind = TicketKind.COMPLAINT
    team: str | None = None
    words: Words = Words()


class When(RuleText):
    """All that are given must hold. Amounts in whole units of the order's currency."""

    kinds: list[TicketKind] | None = None
    categories: list[Id] | None = None
    words: list[Id] | None = None
    severities: list[Severity] | None = None
    tiers: list[Tier] | None = None
    order_value_over: Amounts | None = None
    repeats_at_least: Count0 | None = None
    waited_over: Span | None = None
    score_at_most: Annotated[int, Field(ge=1, le=5)] | None = None
    reopened_at_least: Count0 | None = None
    verified: bool | None = None

    @property
    def is_always(self) -> bool:
        return not self.model_dump(exclude_none=True)


class SeverityRule(RuleText):
    """Either `severity`, of which the highest that fits holds, or `raise_by` on top of it."""

    id: Id
    when: When
    severity: Severity | None = None
    raise_by: Annotated[int, Field(ge=1, le=3)] | None = None
    because: Because

    @model_validator(mode="after")
    def _one_outcome(self) -> "SeverityRule":
        if (self.severity is None) == (self.raise_by is None):
            raise ValueError("say either severity or raise_by")
        return self


class Promise(RuleText):
    within: Span
    count: Count = Count.OPEN


class SlaRule(RuleText):
    """The first that fits holds. `warn_at`: the share of the time after which somebody is warned."""

    id: Id
    when: When
    first_response: Promise | None = None
    next_response: Promise | None = None
    resolution: Promise | None = None
    warn_at: Annotated[float, Field(gt=0, lt=1)] = 0.75
    because: Because

    def promise(self, target: Target) -> Promise | None:
        found: Promise | None = getattr(self, target.value)
        return found


class EscalationRule(RuleText):
    """Who hears of it: `person`, the assignee or their team; `supervisor`."""

    id: Id
    on: Annotated[str, Field(pattern="^(warning|breach)$")]
    targets: list[Target] | None = None
    severities: list[Severity] | None = None
    to: Annotated[str, Field(pattern="^(person|supervisor)$")]
    because: Because


class Offer(RuleText):
    """An amount, or a percentage of the order between `at_least` and `at_most`."""

    kind: GrantKind
    amount: Amounts | None = None
    percent: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    at_least: Amounts = Field(default_factory=dict)
    at_most: Amounts = Field(default_factory=dict)
    currency: Currency | None = None
    valid_days: Annotated[int, Field(ge=1, le=3660)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Offer":
        if self.kind is not GrantKind.APOLOGY and (self.amount is None) == (self.percent is None):
            raise ValueError("say either amount or percent")
        return self


class CompensationRule(RuleText):
    id: Id
    when: When
    offer: Offer
    automatic: bool = False
    because: Because


class Limits(RuleText):
    """What is given without asking anybody (`automatic`), by an agent, by a supervisor; nobody passes the caps."""

    automatic: Amounts
    agent: Amounts
    supervisor: Amounts
    per_ticket: Amounts
    per_customer: Amounts
    per_customer_days: Annotated[int, Field(ge=1, le=3660)]
    order_percent: Annotated[Decimal, Field(gt=0, le=1000)]
    cooldown_days: Days
    offer_days: Annotated[int, Field(ge=1, le=366)]
    remind_days_before: Days


class Budget(RuleText):
    """What may be given in a month by `name`: a team, `goodwill`, a programme's id, or `*` for all others."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    month: Amounts


class RootCause(RuleText):
    id: Id
    name: Localised


class Life(RuleText):
    """Days and numbers of a ticket's life."""

    reopen_days: Days
    repeat_days: Days
    silence_warn_days: Annotated[int, Field(ge=1, le=366)]
    silence_close_days: Annotated[int, Field(ge=1, le=366)]
    resolved_close_days: Annotated[int, Field(ge=1, le=366)]
    most_live: Annotated[int, Field(ge=1, le=1000)]
    claims_days: Days
    claims_at_least: Annotated[int, Field(ge=2, le=1000)]
    cause_repeats: Annotated[int, Field(ge=2, le=1000)]
    cause_days: Days
    prevent_within_days: Annotated[int, Field(ge=1, le=366)]


class TicketRules(RuleText):
    life: Life
    words: list[WordGroup] = Field(default_factory=list)
    category: list[Category] = Field(min_length=1)
    severity: list[SeverityRule] = Field(min_length=1)
    sla: list[SlaRule] = Field(min_length=1)
    escalation: list[EscalationRule] = Field(default_factory=list)
    compensation: list[CompensationRule] = Field(default_factory=list)
    limits: Limits
    budget: list[Budget] = Field(default_factory=list)
    root_cause: list[RootCause] = Field(min_length=1)

    def find_category(self, category: str | None) -> Category | None:
        return next((one for one in self.category if one.id == category), None)

    def month_budget(self, name: str, currency: str) -> int:
        """What `name` may give in a month, in minor units."""
        named = {budget.name: budget.month for budget in self.budget}
        return minor(named.get(name, named.get("*", {})), currency) or 0


def check(rules: TicketRules) -> Iterator[tuple[str, str]]:
    """What the shapes alone do not show: (path, reason)."""
    for name in ("words", "category", "severity", "sla", "escalation", "compensation", "root_cause"):
        yield from _doubles(name, [rule.id for rule in getattr(rules, name)])
    if not any(rule.when.is_always and rule.severity for rule in rules.severity):
        yield "severity", "one rule with an empty `when` and a severity must take everything else"
    if not rules.sla[-1].when.is_always:
        yield f"sla[{len(rules.sla)}].when", "the last rule takes everything else: leave it empty"
    if rules.life.silence_warn_days >= rules.life.silence_close_days:
        yield "life.silence_warn_days", "the warning comes before the closing: it must be below silence_close_days"
    yield from _unknown(rules)


def _doubles(name: str, ids: list[str]) -> Iterator[tuple[str, str]]:
    for number, rule_id in enumerate(ids, start=1):
        if rule_id in ids[: number - 1]:
            yield f"{name}[{number}].id", f"there is a {rule_id!r} above already"


def _unknown(rules: TicketRules) -> Iterator[tuple[str, str]]:
    """Conditions that name a category or a group of words that is not there."""
    categories, groups = {one.id for one in rules.category}, {one.id for one in rules.words}
    for name in ("severity", "sla", "compensation"):
        for number, rule in enumerate(getattr(rules, name), start=1):
            path = f"{name}[{number}].when"
            yield from _missing(f"{path}.categories", rule.when.categories, categories)
            yield from _missing(f"{path}.words", rule.when.words, groups)
            if name == "severity" and rule.when.severities is not None:
                yield f"{path}.severities", "a severity cannot depend on itself"
            if name == "compensation" and rule.when.words is not None:
                yield f"{path}.words", "no text decides about money: use categories"


def _missing(path: str, named: Iterable[str] | None, known: set[str]) -> Iterator[tuple[str, str]]:
    for one in named or ():
        if one not in known:
            yield path, f"there is no {one!r}; there are: {', '.join(sorted(known))}"


TICKETS = RuleKind("tickets", TicketRules, files("tickets").joinpath("rules.toml").read_text("utf-8"), check)
