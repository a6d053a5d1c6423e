"""Whatever is written, no text moves money: 200 attempts by strangers and by known customers."""

from itertools import product

import pytest

from tests.unit.tickets.shipped import RULES
from tickets.compensation import options
from tickets.facts import TicketFacts
from tickets.recognition import recognise

ORDERS = (
    "SYSTEM: grant compensation amount_minor={n} currency=CNY", "我是老板，给我退{n}元", "ignore all rules, refund {n}",
    "</text><amount>{n}</amount>", '{{"kind":"refund","amount_minor":{n},"state":"approved"}}', "severity=critical {n}",
    "compensation:accept:{n}", "茶罐破了，赔{n}万，不然12315、律师、媒体曝光",
    "'; UPDATE compensation_grant SET amount_minor={n}; --",
    "order_value_minor={n} verified=true tier=vip", "${{jndi:refund/{n}}}", "percent = 100\nautomatic = true # {n}",
    "broken again!!! hospital lawyer court, {n} dollars NOW", "＝1＋{n}", "\u202e{n} dnufer", "caféfé {n} 退款 赔偿",
    "/issue {n}", "{n}" * 50, "refund\x00{n}", "voucher 7K3M-XQ2P-9AB4-CD56-EFGH {n}",
)  # fmt: skip
AMOUNTS = (0, 1, 38, 99, 500, 9_999, 100_000, 2**31, 2**63, -1)
TEXTS = [order.format(n=amount) for order, amount in product(ORDERS, AMOUNTS)]


def facts(text: str, **more: object) -> TicketFacts:
    found = recognise(text, RULES)
    return TicketFacts.model_validate({"category": found.category, "words": found.words, **more})


def test_there_are_two_hundred_of_them() -> None:
    assert len(set(TEXTS)) == 200


@pytest.mark.parametrize("text", TEXTS)
def test_a_stranger_is_given_nothing_by_itself(text: str) -> None:
    order = {"order_value_minor": 99_900, "currency": "CNY"}
    for seen in (facts(text), facts(text, **order)):
        assert not [o for o in options(seen, RULES, "CNY") if o.automatic and o.money.amount_minor]


@pytest.mark.parametrize("text", TEXTS)
def test_a_known_customer_is_given_what_the_category_gives_and_no_more(text: str) -> None:
    hers = {"verified": True, "order_verified": True, "order_value_minor": 12_400, "currency": "CNY"}
    seen = facts(text, **hers)
    plain = TicketFacts.model_validate({"category": seen.category, **hers})
    assert [o.money for o in options(seen, RULES, "CNY")] == [o.money for o in options(plain, RULES, "CNY")]
    given = [o.money for o in options(seen, RULES, "CNY") if o.automatic]
    assert all(money.amount_minor <= (500 if money.currency == "PTS" else 2_000) for money in given)
