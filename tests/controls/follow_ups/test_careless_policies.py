"""Policies that others have shipped: each is caught by the same look at a customer's life."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conversations.contact_policy import Decision, History, Recipient, Verdict, Wanted, may_send
from conversations.contact_rules import ContactRules, Reason
from conversations.values import MessageKind
from tests.support.contact_life import Policy, Wish, faults_of, live

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 3, 5, 8, tzinfo=UTC)
#: A greeting every five hours for ten days, a change of clocks among them.
WISHES = [Wish(START + timedelta(hours=5 * n), Wanted(MessageKind.CARE, START + timedelta(days=90))) for n in range(48)]
SHE = Recipient(ZONE)


def swapped_night(
    wanted: Wanted, customer: Recipient, history: History, now: datetime, rules: ContactRules
) -> Decision:
    """Quiet hours across midnight read as if they lay within one day: they are never on."""
    quiet = rules.quiet_hours
    wall = now.astimezone(customer.zone).time()
    if quiet.starts <= wall < quiet.ends:
        return Decision(Verdict.WAIT, Reason.QUIET_HOURS, until=now + timedelta(hours=1))
    open_all_day = quiet.model_copy(update={"starts": quiet.ends})
    return may_send(wanted, customer, history, now, rules.model_copy(update={"quiet_hours": open_all_day}))


def shop_s_night(wanted: Wanted, customer: Recipient, history: History, now: datetime, rules: ContactRules) -> Decision:
    """Quiet hours by the shop's clock."""
    return may_send(wanted, replace(customer, zone=ZoneInfo("Asia/Shanghai")), history, now, rules)


def no_caps(wanted: Wanted, customer: Recipient, history: History, now: datetime, rules: ContactRules) -> Decision:
    """Each programme for itself: nobody looks at what others have sent."""
    return may_send(wanted, customer, History(), now, rules)


def never_again(wanted: Wanted, customer: Recipient, history: History, now: datetime, rules: ContactRules) -> Decision:
    """What may not go out now is put off by an hour, whether or not it has expired."""
    if history.contacts:
        return Decision(Verdict.WAIT, Reason.CAP, until=now + timedelta(hours=1))
    return may_send(wanted, customer, history, now, rules)


def test_the_policy_itself_has_no_fault() -> None:
    assert faults_of(live(SHE, WISHES), ZONE) == []


@pytest.mark.parametrize("policy", [swapped_night, shop_s_night, no_caps, never_again])
def test_a_careless_policy_is_caught(policy: Policy) -> None:
    assert faults_of(live(SHE, WISHES, policy), ZONE) != []
