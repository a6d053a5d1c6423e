"""Where the parcel is, whether it is late, and what follows: from the order alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from customers.parcels import NextStep, ParcelFacts, ParcelState, tracking_url, where_is
from customers.values import OrderStatus as S

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def days(count: float) -> datetime:
    return NOW + timedelta(days=count)


@pytest.mark.parametrize(
    ("facts", "state", "next_step", "late"),
    [
        # nobody has paid yet
        (ParcelFacts("1", S.AWAITING_PAYMENT), ParcelState.NOT_PAID, NextStep.PAY, 0),
        # being packed, expected tomorrow
        (ParcelFacts("1", S.PACKED, expected_at=days(1)), ParcelState.PREPARING, NextStep.WAIT, 0),
        # on its way, the expected day is today
        (ParcelFacts("1", S.SHIPPED, expected_at=NOW), ParcelState.ON_THE_WAY, NextStep.WAIT, 0),
        # a day late: wait a little
        (ParcelFacts("1", S.SHIPPED, expected_at=days(-1)), ParcelState.ON_THE_WAY, NextStep.WAIT, 1),
        # two days late: shall we open a case?
        (ParcelFacts("1", S.SHIPPED, expected_at=days(-2)), ParcelState.ON_THE_WAY, NextStep.COMPLAIN, 2),
        # nobody said when; ordered two weeks ago
        (ParcelFacts("1", S.SHIPPED, placed_at=days(-14)), ParcelState.ON_THE_WAY, NextStep.COMPLAIN, 4),
        # nothing is known of its way
        (ParcelFacts("1", S.SHIPPED), ParcelState.ON_THE_WAY, NextStep.WAIT, 0),
        # waiting in a locker
        (ParcelFacts("1", S.READY_FOR_PICKUP, expected_at=days(-5)), ParcelState.PICK_UP, NextStep.FETCH, 0),
        # handed over yesterday: at the door, with the neighbours?
        (ParcelFacts("1", S.DELIVERED, delivered_at=days(-1)), ParcelState.DELIVERED, NextStep.CHECK_DOOR, 0),
        # handed over last week, and she still asks; it came three days late
        (
            ParcelFacts("1", S.DELIVERED, expected_at=days(-10), delivered_at=days(-7)),
            ParcelState.DELIVERED, NextStep.COMPLAIN, 3,
        ),
        (ParcelFacts("1", S.CANCELLED, expected_at=days(-9)), ParcelState.CANCELLED, NextStep.NOTHING, 0),
        (ParcelFacts("1", S.RETURNED), ParcelState.RETURNED, NextStep.NOTHING, 0),
    ],
)  # fmt: skip
def test_the_answer(facts: ParcelFacts, state: ParcelState, next_step: NextStep, late: int) -> None:
    answer = where_is(facts, SHANGHAI, NOW)
    assert (answer.state, answer.next_step, answer.days_late) == (state, next_step, late)


def test_late_is_counted_in_the_customers_days() -> None:
    """Expected on the 1st of March by Shanghai's calendar, which in UTC is still February's last evening."""
    expected = datetime(2026, 2, 28, 17, 0, tzinfo=UTC)
    assert where_is(ParcelFacts("1", S.SHIPPED, expected_at=expected), SHANGHAI, NOW).days_late == 1
    assert where_is(ParcelFacts("1", S.SHIPPED, expected_at=expected), ZoneInfo("UTC"), NOW).days_late == 2


@pytest.mark.parametrize(
    ("carrier", "number", "host"),
    [
        ("顺丰速运", "SF1", "www.sf-express.com"),
        ("Royal Mail", "AB1", "www.royalmail.com"),
        ("中通快递", "ZT1", "www.kuaidi100.com"),
        (None, "1", "www.kuaidi100.com"),
    ],
)
def test_the_link_leads_to_the_carrier(carrier: str | None, number: str, host: str) -> None:
    url = tracking_url(carrier, number)
    assert url is not None
    assert url.split("/")[2] == host


def test_a_number_cannot_change_the_address() -> None:
    url = tracking_url("DHL", "1&x=/../#")
    assert url is not None
    assert url.endswith("AWB=1%26x%3D%2F..%2F%23")
    assert tracking_url("DHL", None) is None
