"""Scores, tiers and stages of all customers at once. Pure: arrays in, arrays out.

RFM after A. M. Hughes: recency, frequency, money, each as a rank among those who bought within the window.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customers.segment_rules import SegmentRules, StageWhen, TierBy
from customers.values import Stage, Tier

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Small = NDArray[np.int16]
Mask = NDArray[np.bool_]

TIERS = tuple(Tier)
STAGES = tuple(Stage)
#: In place of a stage: the customer has none yet.
NO_STAGE = -1


@dataclass(frozen=True, slots=True)
class Figures:
    """One entry a customer. Days are before now and mean nothing without an order; money is in minor units.

    `recent_orders`, `spent`: within the window. `tier`, `stage`: indices into TIERS and STAGES, as they are now.
    """

    ids: Integers
    orders: Integers
    recent_orders: Integers
    spent: Integers
    first_days: Floats
    last_days: Floats
    tier: Small
    stage: Small

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where each customer belongs, and the index of the rule that says so."""

    score: Floats
    rhythm_days: Floats
    tier: Small
    tier_rule: Small
    stage: Small
    stage_rule: Small


def place(figures: Figures, rules: SegmentRules, minor_per_unit: int = 100) -> Placement:
    """`minor_per_unit`: minor units in one unit of the shop's currency."""
    score = scores(figures, rules)
    tier_rule = tier_rules(figures, score, rules, minor_per_unit)
    usual = rhythm(figures, rules)
    stage_rule = stage_rules(figures, usual, rules)
    tier_of = np.array([TIERS.index(rule.tier) for rule in rules.tier], np.int16)
    stage_of = np.array([STAGES.index(rule.stage) for rule in rules.stage], np.int16)
    return Placement(score, usual, tier_of[tier_rule], tier_rule, stage_of[stage_rule], stage_rule)


def scores(figures: Figures, rules: SegmentRules) -> Floats:
    """0 to 100; 0 for those who bought nothing within the window."""
    bought = figures.recent_orders > 0
    weights = rules.scores.weights
    parts = (
        (weights.recency, -figures.last_days),
        (weights.frequency, figures.recent_orders.astype(np.float64)),
        (weights.money, figures.spent.astype(np.float64)),
    )
    total = sum(weight for weight, _ in parts)
    found = np.zeros(len(figures))
    for weight, values in parts:
        if weight:
            found[bought] += _ranks(values[bought]) * (100 * weight / total)
    return found.round(6)


def _ranks(values: Floats) -> Floats:
    """The share of `values` that are not above each."""
    return np.searchsorted(np.sort(values), values, side="right") / max(1, len(values))


def tier_rules(figures: Figures, score: Floats, rules: SegmentRules, minor_per_unit: int) -> Small:
    """The index of each customer's tier rule; the last for those who bought nothing within the window."""
    found = np.full(len(figures), len(rules.tier) - 1, np.int16)
    bought = np.flatnonzero(figures.recent_orders > 0)
    if rules.scores.by is TierBy.SPENDING:
        for index in reversed(range(len(rules.tier))):
            enough = figures.spent[bought] >= rules.tier[index].spent * minor_per_unit
            found[bought[enough]] = index
        return found
    # Equal scores: who spent more, then who has been a customer for longer (the smaller id).
    order = bought[np.lexsort((figures.ids[bought], -figures.spent[bought], -score[bought]))]
    ends = np.floor(np.cumsum([rule.share for rule in rules.tier]) * len(order) + 1e-9).astype(np.int64)
    ends[-1] = len(order)
    found[order] = np.searchsorted(ends, np.arange(len(order)), side="right").astype(np.int16)
    return found


def rhythm(figures: Figures, rules: SegmentRules) -> Floats:
    """The usual days between orders: the mean gap, the shop's usual one for those with fewer than two orders."""
    gaps = (figures.first_days - figures.last_days) / np.maximum(figures.orders - 1, 1)
    own = np.where(figures.orders >= 2, gaps, rules.rhythm.usual_days)
    return np.maximum(own, rules.rhythm.shortest_days)


def stage_rules(figures: Figures, usual: Floats, rules: SegmentRules) -> Small:
    """The index of the first rule that fits each customer."""
    found = np.full(len(figures), len(rules.stage) - 1, np.int16)
    undecided = np.ones(len(figures), np.bool_)
    for index, rule in enumerate(rules.stage):
        fits = undecided & _fits(figures, usual, rule.when, figures.stage == STAGES.index(rule.stage))
        found[fits] = index
        undecided &= ~fits
    return found


def _fits(figures: Figures, usual: Floats, when: StageWhen, is_there: Mask) -> Mask:
    fits = np.ones(len(figures), np.bool_)
    bought = figures.orders > 0
    if when.orders_at_least is not None:
        fits &= figures.orders >= when.orders_at_least
    if when.orders_at_most is not None:
        fits &= figures.orders <= when.orders_at_most
    if when.known_days_over is not None:
        fits &= bought & (figures.first_days > when.known_days_over)
    if when.silent_days_over is not None:
        fits &= bought & (figures.last_days > when.silent_days_over)
    if when.silence_over is not None:
        stay_over = when.silence_over if when.stay_over is None else when.stay_over
        fits &= bought & (figures.last_days > np.where(is_there, stay_over, when.silence_over) * usual)
    return fits
