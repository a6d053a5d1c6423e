"""Who asks for a person hears by when one will answer: in opening hours, and never while everybody sleeps."""

from datetime import datetime

import pytest

from customers.values import Tier
from tests.unit.tickets.shipped import HOURS, RULES, SHANGHAI
from tickets.business_hours import BusinessHours, Window
from tickets.facts import TicketFacts
from tickets.hand_over import promise_hand_over
from tickets.sla import Hours
from tickets.values import Target


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("asked", "by", "on_duty"),
    [
        # within the hours: one business hour
        ("2026-03-02 10:00", "2026-03-02 11:00", True),
        # shortly before the end of the day: what is left of the hour falls on the next morning
        ("2026-03-02 17:40", "2026-03-03 09:40", True),
        # in the evening, at the minute of closing, and before dawn: the first hour of the morning
        ("2026-03-02 20:00", "2026-03-03 10:00", False),
        ("2026-03-02 18:00", "2026-03-03 10:00", False),
        ("2026-03-03 05:00", "2026-03-03 10:00", False),
    ],
)
def test_by_when_a_person_answers(asked: str, by: str, on_duty: bool) -> None:
    promised = promise_hand_over(RULES, HOURS, at(asked))
    assert (promised.answer_by, promised.on_duty) == (at(by), on_duty)


def test_a_good_customer_waits_for_half_an_hour() -> None:
    promised = promise_hand_over(RULES, HOURS, at("2026-03-02 10:00"), TicketFacts(tier=Tier.GOLD))
    assert promised.answer_by == at("2026-03-02 10:30")


def test_a_team_that_works_at_night_promises_for_the_night() -> None:
    night = Hours.of(BusinessHours(SHANGHAI, ((Window(22 * 60, 30 * 60),),) * 7))
    promised = promise_hand_over(RULES, night, at("2026-03-02 23:30"))
    assert (promised.answer_by, promised.on_duty) == (at("2026-03-03 00:30"), True)


def test_rules_without_such_a_promise_name_no_time() -> None:
    silent = tuple(rule.model_copy(update={Target.FIRST_RESPONSE.value: None}) for rule in RULES.sla)
    promised = promise_hand_over(RULES.model_copy(update={"sla": silent}), HOURS, at("2026-03-02 10:00"))
    assert (promised.answer_by, promised.on_duty) == (None, True)
