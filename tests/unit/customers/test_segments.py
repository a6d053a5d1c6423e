"""Tiers and stages by the shipped rules, compared with the slow, obvious computation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from customers.segment_rules import SEGMENTS, SegmentRules, benefits
from customers.segments import NO_STAGE, STAGES, TIERS, Figures, place
from customers.values import Stage, Tier
from tests.support.obvious_segments import Bought, History, places

RULES = SEGMENTS.parse(SEGMENTS.shipped)
BY_SPENDING = SEGMENTS.parse(SEGMENTS.shipped.replace('by = "shares"', 'by = "spending"'))
#: Days ago in quarters of a day, so that both ways compute with the same numbers.
DAYS = st.integers(0, 4 * 1000).map(lambda quarters: quarters / 4)
ORDERS = st.lists(st.builds(Bought, DAYS, st.integers(0, 2_000_000)), max_size=8)
PEOPLE = st.lists(st.tuples(ORDERS, st.sampled_from([None, *Stage])), max_size=40)


def figures_of(people: list[tuple[list[Bought], Stage | None]], rules: SegmentRules) -> Figures:
    recent = [[o for o in orders if o.days_ago < rules.scores.window_days] for orders, _ in people]
    return Figures(
        ids=np.arange(1, len(people) + 1),
        orders=np.array([len(orders) for orders, _ in people], np.int64),
        recent_orders=np.array([len(orders) for orders in recent], np.int64),
        spent=np.array([sum(o.amount for o in orders) for orders in recent], np.int64),
        first_days=np.array([max((o.days_ago for o in orders), default=0) for orders, _ in people], np.float64),
        last_days=np.array([min((o.days_ago for o in orders), default=0) for orders, _ in people], np.float64),
        tier=np.full(len(people), TIERS.index(Tier.STANDARD), np.int16),
        stage=np.array([NO_STAGE if s is None else STAGES.index(s) for _, s in people], np.int16),
    )


@pytest.mark.parametrize("rules", [RULES, BY_SPENDING], ids=["shares", "spending"])
@settings(max_examples=150, deadline=None)
@given(people=PEOPLE)
def test_the_fast_way_equals_the_obvious_one(
    rules: SegmentRules, people: list[tuple[list[Bought], Stage | None]]
) -> None:
    histories: dict[int, History] = {who: orders for who, (orders, _) in enumerate(people, start=1)}
    before = {who: stage for who, (_, stage) in enumerate(people, start=1)}
    expected = places(histories, before, rules)
    found = place(figures_of(people, rules), rules)
    for index, who in enumerate(histories):
        assert found.score[index] == pytest.approx(expected[who].score, abs=1e-5)
    assert [STAGES[s] for s in found.stage] == [expected[who].stage for who in histories]
    assert [TIERS[t] for t in found.tier] == [expected[who].tier for who in histories]


def stage_of(orders: list[float], before: Stage | None = None) -> Stage:
    people: list[tuple[list[Bought], Stage | None]] = [([Bought(days, 100) for days in orders], before)]
    return STAGES[int(place(figures_of(people, RULES), RULES).stage[0])]


@pytest.mark.parametrize(
    ("orders", "before", "stage"),
    [
        ([], None, Stage.POTENTIAL),
        ([10], None, Stage.NEW),
        ([10, 50], None, Stage.GROWING),
        ([10, 70, 130, 190], None, Stage.MATURE),
        # a hundred days of silence: late for a monthly buyer, usual for a quarterly one
        ([100, 130, 160, 190], None, Stage.LOST),
        ([50, 80, 110, 140], None, Stage.DECLINING),
        ([100, 190, 280, 370], None, Stage.MATURE),
        # once declining, one stays so until the silence is shorter than the rhythm: no to and fro at the border
        ([40, 70, 100, 130], None, Stage.GROWING),
        ([40, 70, 100, 130], Stage.DECLINING, Stage.DECLINING),
        ([20, 70, 100, 130], Stage.DECLINING, Stage.GROWING),
        # two years and more
        ([731, 800], None, Stage.ENDED),
    ],
)
def test_decline_is_measured_against_ones_own_rhythm(orders: list[float], before: Stage | None, stage: Stage) -> None:
    assert stage_of(orders, before) is stage


def test_shares_are_shares_of_those_who_bought() -> None:
    people: list[tuple[list[Bought], Stage | None]] = [([Bought(n / 4, 100 + n)], None) for n in range(1000)]
    people += [([], None)] * 500
    tiers = [TIERS[t] for t in place(figures_of(people, RULES), RULES).tier]
    assert [tiers.count(tier) for tier in (Tier.VIP, Tier.GOLD, Tier.SILVER)] == [10, 40, 150]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("share = 0.80", "share = 0.70"), "the shares add up to 0.9, not to 1"),
        (("recency = 0.3, frequency = 0.3, money = 0.4", "recency = 0, frequency = 0, money = 0"), "one weight"),
        (("when = { orders_at_most = 0 }", "when = {}"), r"stage\[1\]\.when: is empty"),
        (("stay_over = 2.0", "stay_over = 4.0"), r"stage\[3\]\.when\.stay_over"),
        (('id = "coming-back"', 'id = "a-regular"'), r"stage\[7\]\.id"),
        (('tier = "gold"\nshare', 'tier = "golden"\nshare'), r"tier\[2\]\.tier"),
        (("window_days = 365", "window = 365"), r"scores\.window"),
    ],
)  # fmt: skip
def test_wrong_rules_are_refused_in_words(change: tuple[str, str], complaint: str) -> None:
    assert change[0] in SEGMENTS.shipped
    with pytest.raises(InvalidInput, match=complaint):
        SEGMENTS.parse(SEGMENTS.shipped.replace(*change))


def test_the_bot_can_say_what_a_tier_brings() -> None:
    assert benefits(RULES, Tier.VIP, "zh") == "生日礼、优先客服、全年包邮"
    assert benefits(RULES, Tier.STANDARD, "en") is None
