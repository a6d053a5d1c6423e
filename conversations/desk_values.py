"""What becomes of a reply that an agent wrote."""

from enum import StrEnum


class HeldState(StrEnum):
    HELD = "held"
    SENT = "sent"
    UNDONE = "undone"
    REFUSED = "refused"
