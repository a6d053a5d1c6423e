"""What becomes of a delivery after its call."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.deliveries import NotWritten, Outcome, Refused, RetryAt, SendJob, Sent, Unknown
from conversations.settlement import GIVE_UP_AFTER, MAX_TRIES, Settlement, settle
from conversations.values import DeliveryKind, DeliveryState

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LEASE_END = NOW + timedelta(seconds=15)
PENDING, SENT, FAILED, UNKNOWN = (
    DeliveryState.PENDING,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)


def job(
    kind: DeliveryKind = DeliveryKind.REPLY, attempt: int = 1, resent: bool = False, due_at: datetime = NOW
) -> SendJob:
    return SendJob(1, "test:shop", "chat", kind, {}, 1, 1, attempt, resent, due_at, None, None, None, "claim")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


CASES: list[tuple[SendJob, Outcome, Settlement]] = [
    # It arrived.
    (job(), Sent("77"), Settlement(SENT, external_id="77", sent_at=NOW)),
    # It arrived, perhaps for the second time.
    (job(resent=True), Sent("77"), Settlement(SENT, external_id="77", sent_at=NOW, resent=True)),
    # A 429: the account pauses, this try does not count.
    (job(), RetryAt(after(9)), Settlement(PENDING, tried=0)),
    # A lasting no.
    (job(), Refused("blocked"), Settlement(FAILED, "blocked")),
    # A passing no, with growing pauses, a few times.
    (job(attempt=1), Refused("busy", permanent=False), Settlement(PENDING, "busy", after(1))),
    (job(attempt=3), Refused("busy", permanent=False), Settlement(PENDING, "busy", after(4))),
    (job(attempt=MAX_TRIES), Refused("busy", permanent=False), Settlement(FAILED, "busy")),
    # Never written: as often as it takes, up to a minute apart ...
    (job(attempt=500), NotWritten("refused"), Settlement(PENDING, "not_written", after(60))),
    # ... for a day.
    (job(due_at=NOW - GIVE_UP_AFTER * 2), NotWritten("refused"), Settlement(FAILED, "not_written")),
    # Perhaps written: a bot's reply once more, after the lease.
    (job(), Unknown("timeout"), Settlement(PENDING, "timeout", LEASE_END, resent=True)),
    # But only once more.
    (job(resent=True), Unknown("timeout"), Settlement(UNKNOWN, "timeout", resent=True)),
    # Nothing else is resent by itself.
    (job(DeliveryKind.AGENT_REPLY), Unknown("timeout"), Settlement(UNKNOWN, "timeout")),
    (job(DeliveryKind.FOLLOW_UP), Unknown("timeout"), Settlement(UNKNOWN, "timeout")),
    (job(DeliveryKind.SERVICE), Unknown("timeout"), Settlement(UNKNOWN, "timeout")),
    (job(DeliveryKind.SERVICE), Unknown("x" * 500), Settlement(UNKNOWN, "x" * 80)),
    # What stands in the agents' group is: a customer's word that never came there would be lost.
    (job(DeliveryKind.DESK_POST), Unknown("timeout"), Settlement(PENDING, "timeout", LEASE_END, resent=True)),
    (job(DeliveryKind.TOPIC, resent=True), Unknown("timeout"), Settlement(UNKNOWN, "timeout", resent=True)),
]


@pytest.mark.parametrize(("sent", "outcome", "wanted"), CASES)
def test_an_outcome_settles_a_delivery(sent: SendJob, outcome: Outcome, wanted: Settlement) -> None:
    assert settle(sent, outcome, NOW, LEASE_END) == wanted
