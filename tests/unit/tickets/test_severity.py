"""How grave a complaint is, and why."""

from typing import Any

import pytest

from tests.unit.tickets.shipped import RULES
from tickets.facts import TicketFacts
from tickets.severity import score, score_for_money
from tickets.values import Severity


@pytest.mark.parametrize(
    ("facts", "severity", "reasons"),
    [
        # an ordinary complaint
        ({}, "normal", ["complaint"]),
        # a question
        ({"kind": "question"}, "low", ["everything-else"]),
        # somebody may be harmed
        ({"category": "safety"}, "critical", ["safety"]),
        ({"words": ("harm",)}, "critical", ["harm"]),
        # a good customer
        ({"tier": "vip"}, "high", ["vip"]),
        ({"tier": "gold"}, "normal", ["complaint"]),
        # a dear order, in its own currency
        ({"order_value_minor": 100_100, "currency": "CNY"}, "high", ["dear-order"]),
        ({"order_value_minor": 100_000, "currency": "CNY"}, "normal", ["complaint"]),
        ({"order_value_minor": 100_100, "currency": "GBP"}, "high", ["dear-order"]),
        # a currency that the rules do not name
        ({"order_value_minor": 999_999_999, "currency": "ZAR"}, "normal", ["complaint"]),
        # raised by one, however many raise it
        ({"repeats": 1}, "high", ["complaint", "repeat"]),
        ({"repeats": 2, "words": ("again", "anger")}, "high", ["complaint", "repeat", "said-again", "angry"]),
        # raised from high
        ({"tier": "vip", "repeats": 1}, "critical", ["vip", "repeat"]),
        # there is nothing above critical
        ({"category": "safety", "reopened": 3}, "critical", ["safety", "reopened"]),
        # waiting: more than a day, not just a day
        ({"waited_minutes": 24 * 60}, "normal", ["complaint"]),
        ({"waited_minutes": 24 * 60 + 1}, "high", ["complaint", "waited"]),
        # an earlier low score
        ({"score": 2}, "high", ["complaint", "low-score"]),
        ({"score": 3}, "normal", ["complaint"]),
        # a frequent claimer is never rated lower
        ({"often": True, "repeats": 9}, "high", ["complaint", "repeat"]),
    ],
)
def test_severity_and_why(facts: dict[str, Any], severity: str, reasons: list[str]) -> None:
    scored = score(TicketFacts(**facts), RULES)
    assert scored.severity is Severity(severity)
    assert [reason.key for reason in scored.reasons] == reasons


def test_the_reasons_read_as_sentences_in_both_languages() -> None:
    scored = score(TicketFacts(repeats=1, waited_minutes=1500), RULES)
    assert scored.why("zh") == "一般投诉；近期第2次投诉；已经等了25 h 0 min"
    assert scored.why("en") == "a complaint; complaint number 2 lately; has waited for 25 h 0 min"


def test_words_do_not_reach_the_severity_that_money_is_given_by() -> None:
    shouted = TicketFacts(words=("harm", "law", "anger", "again"))
    assert score(shouted, RULES).severity is Severity.CRITICAL
    assert score_for_money(shouted, RULES) is Severity.NORMAL
