"""What the rules give, and whether somebody has to agree."""

from typing import Any

import pytest

from core.money import Money
from staff.values import Actor, Role
from tests.unit.tickets.shipped import RULES
from tickets.compensation import Option, Taken, limit_of, options, refusals
from tickets.facts import TicketFacts
from tickets.values import GrantKind

HERS = {"verified": True, "order_verified": True, "order_value_minor": 12_400, "currency": "CNY"}


def offered(**facts: Any) -> dict[str, Option]:
    return {option.kind.value: option for option in options(TicketFacts(**facts), RULES, "CNY")}


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        # a broken tin in an order that is hers
        ({"category": "damaged", **HERS}, ["voucher", "replacement", "refund", "apology"]),
        # without an order there is nothing to take a share of
        ({"category": "damaged", "verified": True}, ["apology"]),
        ({"category": "late", "verified": True}, ["points", "apology"]),
        ({"category": "lost", **HERS}, ["refund", "apology"]),
        ({"category": None}, ["apology"]),
    ],
)
def test_options_in_the_order_of_the_rules(facts: dict[str, Any], kinds: list[str]) -> None:
    assert list(offered(**facts)) == kinds


@pytest.mark.parametrize(
    ("value", "currency", "voucher"),
    [
        # a tenth
        (12_400, "CNY", 1240),
        # rounded half up
        (12_345, "CNY", 1235),
        # at least five yuan, at most fifty
        (100, "CNY", 500),
        (9_999_900, "CNY", 5000),
        # each in its own currency; yen have no hundredths
        (12_400, "GBP", 600),
        (5_000, "JPY", 500),
        # without bounds for a currency the share alone counts
        (12_400, "ZAR", 1240),
    ],
)
def test_a_share_of_the_order_between_its_bounds(value: int, currency: str, voucher: int) -> None:
    found = offered(category="damaged", **{**HERS, "order_value_minor": value, "currency": currency})
    assert found["voucher"].money == Money(voucher, currency)


def test_a_graver_case_gets_the_larger_refund() -> None:
    assert offered(category="damaged", **HERS)["refund"].money == Money(2480, "CNY")
    assert offered(category="damaged", tier="vip", **HERS)["refund"].money == Money(6200, "CNY")


@pytest.mark.parametrize(
    ("changed", "is_automatic"),
    [
        # 12.40 of 20
        ({}, True),
        # nobody knows who it is
        ({"verified": False}, False),
        # somebody else's order
        ({"order_verified": False}, False),
        # 24.00 of 20
        ({"order_value_minor": 24_000}, False),
        # just at the limit
        ({"order_value_minor": 20_000}, True),
        # got something last week; a month ago
        ({"days_since_grant": 29}, False),
        ({"days_since_grant": 30}, True),
        # a frequent claimer: a person decides
        ({"often": True}, False),
        # a currency without a limit
        ({"currency": "ZAR"}, False),
    ],
)
def test_what_is_given_without_asking_anybody(changed: dict[str, Any], is_automatic: bool) -> None:
    assert offered(category="damaged", **{**HERS, **changed})["voucher"].automatic is is_automatic


def test_no_words_change_an_option() -> None:
    plain = options(TicketFacts(category="damaged", **HERS), RULES, "CNY")
    shouted = options(TicketFacts(category="damaged", words=("harm", "law", "anger", "again"), **HERS), RULES, "CNY")
    assert [o.money for o in shouted] == [o.money for o in plain]


@pytest.mark.parametrize(
    ("role", "currency", "limit"),
    [
        (Role.AGENT, "CNY", 10_000),
        (Role.SUPERVISOR, "CNY", 20_000),
        # beyond it somebody else agrees, or an owner who is alone confirms by typing
        (Role.ADMIN, "CNY", 20_000),
        # nothing without asking in a currency that has no limit
        (Role.AGENT, "ZAR", 0),
        # another system is nobody's agent
        (Role.CHANNEL, "CNY", 0),
    ],
)
def test_limits_of_people(role: Role, currency: str, limit: int) -> None:
    assert limit_of(Actor(1, "li", role), RULES.limits, currency) == limit


@pytest.mark.parametrize(
    ("amount", "taken", "budget", "passed"),
    [
        (10_000, Taken(), 500_000, []),
        # exactly up to each cap
        (10_000, Taken(ticket=190_000, customer=290_000, budget=490_000), 500_000, []),
        # one fen over
        (10_001, Taken(ticket=190_000), 500_000, [("per_ticket", 10_000)]),
        (10_001, Taken(customer=290_000), 500_000, [("per_customer", 10_000)]),
        (10_001, Taken(budget=490_000), 500_000, [("budget", 10_000)]),
        # 120 % of the order
        (12_001, Taken(order_value=10_000), 500_000, [("per_order", 12_000)]),
        (1, Taken(order=12_000, order_value=10_000), 500_000, [("per_order", 0)]),
        # no budget at all
        (1, Taken(), 0, [("budget", 0)]),
    ],
)
def test_caps_that_nobody_passes(amount: int, taken: Taken, budget: int, passed: list[tuple[str, int]]) -> None:
    assert list(refusals(Money(amount, "CNY"), taken, RULES.limits, budget)) == passed


def test_an_apology_costs_nothing_and_is_always_there() -> None:
    apology = offered()["apology"]
    assert apology.kind is GrantKind.APOLOGY
    assert apology.money == Money(0, "CNY")
    assert apology.automatic
