"""What is known of a ticket and of what is given for it, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.rule_texts import Because

POINTS = "PTS"


class TicketKind(StrEnum):
    """Suggestions and praise are thanked for and kept; no clock runs for them."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    SUGGESTION = "suggestion"
    PRAISE = "praise"

    @property
    def has_clock(self) -> bool:
        return self in (TicketKind.COMPLAINT, TicketKind.QUESTION)


class TicketStatus(StrEnum):
    """`pending` waits for the customer, `on_hold` for a third party; both pause the promises."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_live(self) -> bool:
        return self in LIVE

    @property
    def is_paused(self) -> bool:
        return self in (TicketStatus.PENDING, TicketStatus.ON_HOLD)


LIVE = (TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD)


class Resolution(StrEnum):
    """How a ticket came to its end."""

    SOLVED = "solved"
    WITHDRAWN = "withdrawn"
    SILENT = "silent"
    MERGED = "merged"


class Severity(StrEnum):
    """In rising order."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return _SEVERITIES.index(self)

    @property
    def is_severe(self) -> bool:
        """Such a ticket is not resolved without a root cause."""
        return self in (Severity.HIGH, Severity.CRITICAL)

    def raised(self, steps: int) -> "Severity":
        return _SEVERITIES[min(self.rank + steps, len(_SEVERITIES) - 1)]

    @property
    def priority(self) -> int:
        """The place in the queue that goes with it; the smallest is first."""
        return len(_SEVERITIES) - self.rank


_SEVERITIES = (Severity.LOW, Severity.NORMAL, Severity.HIGH, Severity.CRITICAL)


class Source(StrEnum):
    CHAT = "chat"
    PHONE = "phone"
    COUNTER = "counter"
    MAIL = "mail"


class Target(StrEnum):
    """What is promised: a first answer, an answer to each later word, and an end."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Count(StrEnum):
    """What counts as time: opening hours, whole days on which the shop opens, or every hour."""

    OPEN = "open"
    OPEN_DAYS = "open_days"
    ALWAYS = "always"


class EventType(StrEnum):
    """What a ticket's timeline holds."""

    OPENED = "opened"
    SAID = "said"
    REPLIED = "replied"
    NOTED = "noted"
    SCORED = "scored"
    FLAGGED = "flagged"
    CHANGED = "changed"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    HANDED_OVER = "handed_over"
    HANDED_BACK = "handed_back"
    ASKED = "asked"
    ESCALATED = "escalated"
    PENDING = "pending"
    HELD = "held"
    RESUMED = "resumed"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SILENCE_WARNED = "silence_warned"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    LINKED = "linked"
    UNLINKED = "unlinked"
    PROMISED = "promised"
    PLANNED = "planned"
    WARNED = "warned"
    BREACHED = "breached"
    GAVE_WORD = "gave_word"
    REMINDED = "reminded"
    WORD_PASSED = "word_passed"
    NOT_SENT = "not_sent"
    CORRECTED = "corrected"
    RATED = "rated"
    COMPENSATION = "compensation"


@dataclass(frozen=True, slots=True)
class GivenTime:
    """A time as an agent wrote it, and by when that binds us. `settles`: until then it will be done; else there will
    only be an answer.
    """

    words: str
    at: datetime
    settles: bool = True


class GrantKind(StrEnum):
    """The first three are issued by Kefu, the others by people who report it."""

    APOLOGY = "apology"
    VOUCHER = "voucher"
    POINTS = "points"
    REFUND = "refund"
    REPLACEMENT = "replacement"
    REPAIR = "repair"
    GIFT = "gift"

    @property
    def is_issued_by_kefu(self) -> bool:
        return self in (GrantKind.APOLOGY, GrantKind.VOUCHER, GrantKind.POINTS)


class GrantState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    REJECTED = "rejected"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Origin(StrEnum):
    """What a grant is given for; each has its own budget."""

    TICKET = "ticket"
    PROGRAMME = "programme"
    GOODWILL = "goodwill"


class Reason(BaseModel):
    """Why something was decided: a rule's id, the values it saw, and its words in both languages."""

    model_config = ConfigDict(frozen=True)

    key: str
    values: dict[str, str] = Field(default_factory=dict)
    zh: str
    en: str

    @classmethod
    def of(cls, key: str, because: Because, **values: object) -> "Reason":
        return cls(key=key, values={name: str(v) for name, v in values.items()}, zh=because.zh, en=because.en)

    def text(self, language: str) -> str:
        return Because(zh=self.zh, en=self.en).text(language, self.values)


class TicketNotFound(NotFound):
    code = "ticket_not_found"


class GrantNotFound(NotFound):
    code = "compensation_not_found"


class VoucherNotFound(NotFound):
    """No voucher has that code, or it holds no longer."""

    code = "voucher_not_found"


class IllegalMove(Conflict):
    """The ticket's or grant's state does not allow what was asked."""

    code = "illegal_move"


class StaleVersion(Conflict):
    """Somebody edited the ticket since it was read."""

    code = "stale_version"


class TakenAlready(Conflict):
    """Another person has taken the ticket."""

    code = "already_taken"


class NotYours(NotAllowed):
    """The ticket is somebody else's; a supervisor may."""

    code = "not_yours"


class RootCauseMissing(InvalidInput):
    """A severe ticket is not resolved before its cause is named."""

    code = "root_cause_missing"


class LimitPassed(Conflict):
    """A cap, a budget or a cooldown does not allow this grant."""

    code = "limit_passed"


class VoucherSpent(Conflict):
    """The voucher was redeemed before."""

    code = "voucher_spent"
