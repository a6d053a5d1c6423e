"""What is known of follow-ups, as plain values."""

from enum import StrEnum


class FollowUpKind(StrEnum):
    """What a follow-up is for; it decides when it may go out. A `task` is for a person."""

    SERVICE = "service"
    CARE = "care"
    PROMOTION = "promotion"
    TASK = "task"


class FollowUpState(StrEnum):
    """`unknown`: it was written to the network without an answer; it is never sent again by itself."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
