"""How many messages one customer may send in a minute. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

MINUTE = timedelta(minutes=1)


def is_over(at: datetime, earlier: Sequence[datetime], limit: int) -> bool:
    """Whether a message written `at` comes after `limit` others of the same minute."""
    return sum(at - MINUTE < other <= at for other in earlier) >= limit


def seconds_to_wait(now: datetime, earlier: Sequence[datetime], limit: int) -> int:
    """After how many whole seconds the next message is welcome; 0: now. `earlier` is newest first."""
    recent = [at for at in earlier if now - MINUTE < at]
    if len(recent) < limit:
        return 0
    left = recent[limit - 1] + MINUTE - now
    return max(1, ceil(left.total_seconds()))
