"""Tiers and stages worked out slowly, one customer at a time, as the rules read aloud: what the fast way must equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from customers.segment_rules import SegmentRules, StageRule, TierBy
from customers.values import Stage, Tier


@dataclass(frozen=True, slots=True)
class Bought:
    """One order: how many days ago, for how much in minor units."""

    days_ago: float
    amount: int


History = Sequence[Bought]


@dataclass(frozen=True, slots=True)
class Place:
    score: float
    tier: Tier
    stage: Stage


def places(
    histories: Mapping[int, History], before: Mapping[int, Stage | None], rules: SegmentRules
) -> dict[int, Place]:
    recent = {who: [o for o in h if o.days_ago < rules.scores.window_days] for who, h in histories.items()}
    score = {who: _score(who, recent, histories, rules) for who in histories}
    tiers = _tiers(recent, score, rules)
    return {who: Place(score[who], tiers[who], _stage(histories[who], before.get(who), rules)) for who in histories}


def _score(who: int, recent: Mapping[int, History], histories: Mapping[int, History], rules: SegmentRules) -> float:
    if not recent[who]:
        return 0.0
    others = [other for other in recent if recent[other]]

    def rank(figure: Mapping[int, float]) -> float:
        return sum(1 for other in others if figure[other] <= figure[who]) / len(others)

    lately = {other: -min(order.days_ago for order in histories[other]) for other in others}
    often = {other: float(len(recent[other])) for other in others}
    spent = {other: float(sum(order.amount for order in recent[other])) for other in others}
    weights = rules.scores.weights
    total = weights.recency + weights.frequency + weights.money
    weighted = weights.recency * rank(lately) + weights.frequency * rank(often) + weights.money * rank(spent)
    return round(100 * weighted / total, 6)


def _tiers(recent: Mapping[int, History], score: Mapping[int, float], rules: SegmentRules) -> dict[int, Tier]:
    spent = {who: sum(order.amount for order in orders) for who, orders in recent.items()}
    bought = [who for who in recent if recent[who]]
    found = dict.fromkeys(recent, rules.tier[-1].tier)
    if rules.scores.by is TierBy.SPENDING:
        return found | {who: next(r.tier for r in rules.tier if spent[who] >= r.spent * 100) for who in bought}
    best_first = sorted(bought, key=lambda who: (-score[who], -spent[who], who))
    for place, who in enumerate(best_first, start=1):
        upto = Fraction(0)
        for rule in rules.tier:
            upto += Fraction(str(rule.share))
            if place <= upto * len(bought):
                found[who] = rule.tier
                break
    return found


def _stage(history: History, before: Stage | None, rules: SegmentRules) -> Stage:
    return next(rule.stage for rule in rules.stage if _fits(rule, history, before, rules))


def _fits(rule: StageRule, history: History, before: Stage | None, rules: SegmentRules) -> bool:
    when, days = rule.when, sorted(order.days_ago for order in history)
    if when.orders_at_least is not None and len(days) < when.orders_at_least:
        return False
    if when.orders_at_most is not None and len(days) > when.orders_at_most:
        return False
    timed = (when.known_days_over, when.silent_days_over, when.silence_over)
    if not days:
        return all(condition is None for condition in timed)
    if when.known_days_over is not None and not days[-1] > when.known_days_over:
        return False
    if when.silent_days_over is not None and not days[0] > when.silent_days_over:
        return False
    if when.silence_over is None:
        return True
    gaps = [later - sooner for sooner, later in pairwise(days)]
    usual = sum(gaps) / len(gaps) if gaps else rules.rhythm.usual_days
    limit = when.stay_over if when.stay_over is not None and before is rule.stage else when.silence_over
    return days[0] > limit * max(usual, rules.rhythm.shortest_days)
