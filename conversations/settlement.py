"""What becomes of a delivery after its call. Pure: (job, outcome, now) -> the row's next state, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations.deliveries import ONCE_MORE, NotWritten, NotYet, Outcome, Refused, RetryAt, SendJob, Sent
from conversations.values import DeliveryState

#: A refusal that may pass is tried this often in all.
MAX_TRIES = 5
#: What could not even be written for so long is given up.
GIVE_UP_AFTER = timedelta(hours=24)
_LONGEST_PAUSE = 60.0
_LONGEST_REASON = 80


@dataclass(frozen=True, slots=True)
class Settlement:
    """The delivery's next state. `tried` is how much of this try counts as an attempt (0: none was burnt)."""

    state: DeliveryState
    because: str | None = None
    retry_at: datetime | None = None
    external_id: str | None = None
    sent_at: datetime | None = None
    resent: bool = False
    tried: int = 1


def settle(job: SendJob, outcome: Outcome, now: datetime, lease_until: datetime) -> Settlement:
    """The rules for each outcome; what is uncertain depends on the kind (see `settle_unknown`)."""
    match outcome:
        case Sent(external_id):
            return Settlement(DeliveryState.SENT, external_id=external_id, sent_at=now, resent=job.resent)
        case RetryAt():
            return Settlement(DeliveryState.PENDING, resent=job.resent, tried=0)
        case NotYet(instant, because):
            return Settlement(DeliveryState.PENDING, because, retry_at=instant, resent=job.resent, tried=0)
        case Refused(reason, permanent):
            over = permanent or job.attempt >= MAX_TRIES
            return _failed(job, reason) if over else _again(job, reason, now)
        case NotWritten():
            over = now - job.due_at > GIVE_UP_AFTER
            return _failed(job, "not_written") if over else _again(job, "not_written", now)
        case _:
            return settle_unknown(job, outcome.detail, lease_until)


def settle_unknown(job: SendJob, detail: str, lease_until: datetime) -> Settlement:
    """A bot's reply is sent once more after the lease: a repeated answer is a nuisance, silence loses the customer.

    So is what stands in the desk's groups. Nothing else is resent by itself.
    """
    because = detail[:_LONGEST_REASON]
    if job.kind in ONCE_MORE and not job.resent:
        return Settlement(DeliveryState.PENDING, because, retry_at=lease_until, resent=True)
    return Settlement(DeliveryState.UNKNOWN, because, resent=job.resent)


def _failed(job: SendJob, reason: str) -> Settlement:
    return Settlement(DeliveryState.FAILED, reason[:_LONGEST_REASON], resent=job.resent)


def _again(job: SendJob, reason: str, now: datetime) -> Settlement:
    pause = min(_LONGEST_PAUSE, 2.0 ** min(job.attempt, 10) / 2)
    retry_at = now + timedelta(seconds=pause)
    return Settlement(DeliveryState.PENDING, reason[:_LONGEST_REASON], retry_at=retry_at, resent=job.resent)
