"""How many messages one customer may send in a minute. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


def is_over(at: datetime, earlier: Sequence[datetime], limit: int) -> bool:
    """Whether a message written `at` comes after `limit` others of the same minute."""
    return sum(at - MINUTE < other <= at for other in earlier) >= limit
