"""The rules of the kind `segments`: scores, tiers with their benefits, stages."""

from collections.abc import Iterator
from enum import StrEnum
from importlib.resources import files
from typing import Annotated

from pydantic import Field

from core.rule_texts import Because, RuleKind, RuleText
from core.shop_facts import Localised
from customers.values import Stage, Tier

_TOLERANCE = 1e-6
_ID = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
_Times = Annotated[float, Field(gt=0, le=1000)]


class TierBy(StrEnum):
    SHARES = "shares"
    SPENDING = "spending"


class Weights(RuleText):
    recency: float = Field(ge=0)
    frequency: float = Field(ge=0)
    money: float = Field(ge=0)


class Scores(RuleText):
    window_days: int = Field(ge=1, le=3650)
    weights: Weights
    by: TierBy = TierBy.SHARES
    rates: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict
    )


class TierRule(RuleText):
    id: _ID
    tier: Tier
    share: float = Field(ge=0, le=1)
    spent: float = Field(ge=0)
    because: Because


class Benefit(RuleText):
    tier: Tier
    text: Localised


class Rhythm(RuleText):
    usual_days: float = Field(gt=0, le=3650)
    shortest_days: float = Field(gt=0, le=3650)


class StageWhen(RuleText):
    """All that are given must hold. Times in days; `silence_over` and `stay_over` in multiples of the rhythm."""

    orders_at_least: int | None = Field(None, ge=0)
    orders_at_most: int | None = Field(None, ge=0)
    known_days_over: float | None = Field(None, ge=0)
    silent_days_over: float | None = Field(None, ge=0)
    silence_over: _Times | None = None
    stay_over: _Times | None = None

    @property
    def is_always(self) -> bool:
        return not self.model_dump(exclude_none=True)


class StageRule(RuleText):
    id: _ID
    stage: Stage
    when: StageWhen
    because: Because


class SegmentRules(RuleText):
    scores: Scores
    tier: list[TierRule] = Field(min_length=1)
    benefit: list[Benefit] = Field(default_factory=list)
    rhythm: Rhythm
    stage: list[StageRule] = Field(min_length=1)


def check(rules: SegmentRules) -> Iterator[tuple[str, str]]:
    """What the shapes alone do not show: (path, reason)."""
    weights = rules.scores.weights
    if weights.recency + weights.frequency + weights.money <= 0:
        yield "scores.weights", "one weight at least must be above 0"
    if abs(sum(rule.share for rule in rules.tier) - 1) > _TOLERANCE:
        yield "tier", f"the shares add up to {sum(rule.share for rule in rules.tier):.4g}, not to 1"
    for number, (better, worse) in enumerate(zip(rules.tier, rules.tier[1:], strict=False), start=2):
        if worse.spent >= better.spent:
            yield f"tier[{number}].spent", "must be below that of the tier before it"
    if rules.tier[-1].spent > 0:
        yield f"tier[{len(rules.tier)}].spent", "the last tier takes everybody else: 0"
    yield from _check_stages(rules.stage)
    yield from _doubles("tier", [rule.id for rule in rules.tier])
    yield from _doubles("stage", [rule.id for rule in rules.stage])


def _check_stages(stages: list[StageRule]) -> Iterator[tuple[str, str]]:
    if not stages[-1].when.is_always:
        yield f"stage[{len(stages)}].when", "the last rule takes everybody else: leave it empty"
    for number, rule in enumerate(stages, start=1):
        when = rule.when
        if number < len(stages) and when.is_always:
            yield f"stage[{number}].when", "is empty, so no rule after it is ever reached"
        if when.stay_over is not None and (when.silence_over is None or when.stay_over > when.silence_over):
            yield f"stage[{number}].when.stay_over", "goes with a silence_over that is not below it"


def _doubles(name: str, ids: list[str]) -> Iterator[tuple[str, str]]:
    for number, rule_id in enumerate(ids, start=1):
        if rule_id in ids[: number - 1]:
            yield f"{name}[{number}].id", f"there is a {rule_id!r} above already"


SEGMENTS = RuleKind("segments", SegmentRules, files("customers").joinpath("segments.toml").read_text("utf-8"), check)


def benefits(rules: SegmentRules, tier: Tier, language: str) -> str | None:
    """What the tier brings, in words for the customer; None when it brings nothing of its own."""
    return next((benefit.text.pick(language) for benefit in rules.benefit if benefit.tier is tier), None)
