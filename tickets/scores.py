"""What a score of 1 to 5 leads to. Pure."""

from datetime import timedelta
from enum import StrEnum

#: How long a score may be changed.
CHANGEABLE = timedelta(minutes=10)
BAD, BEST = 2, 5


class Ask(StrEnum):
    """What to ask after a score: what went wrong (it is reopened with the answer), what was missing, nothing."""

    WHAT_WENT_WRONG = "what_went_wrong"
    WHAT_WAS_MISSING = "what_was_missing"
    NOTHING = "nothing"


def is_at_risk(score: int) -> bool:
    """Pure: whoever is not wholly content may not come back."""
    return score < BEST


def ask_after(score: int) -> Ask:
    """Pure: 1-2, 3-4, 5."""
    if score <= BAD:
        return Ask.WHAT_WENT_WRONG
    return Ask.NOTHING if score == BEST else Ask.WHAT_WAS_MISSING
