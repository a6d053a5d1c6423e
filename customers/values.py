"""What is known of a customer, as plain values."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Tier(StrEnum):
    VIP = "vip"
    GOLD = "gold"
    SILVER = "silver"
    STANDARD = "standard"


class Stage(StrEnum):
    """Where a customer stands in their life with the shop."""

    POTENTIAL = "potential"
    NEW = "new"
    GROWING = "growing"
    MATURE = "mature"
    DECLINING = "declining"
    LOST = "lost"
    ENDED = "ended"


class ConsentKind(StrEnum):
    """What a customer may allow. Service messages about one's own matters need no consent."""

    CARE = "care"
    PROMOTION = "promotion"


class BirthdayCalendar(StrEnum):
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


class BirthdayQuestion(StrEnum):
    """What became of asking for the birthday. It is asked once; `declined` ends it for good."""

    ASKED = "asked"
    DECLINED = "declined"
    ANSWERED = "answered"


class OrderStatus(StrEnum):
    PLACED = "placed"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """Where a fact about a customer is known from."""

    CUSTOMER = "customer"
    AGENT = "agent"
    CHANNEL = "channel"
    IMPORT = "import"


class ContactWish(StrEnum):
    """How a customer wants to be written to, beyond the consents."""

    ANY_TIME = "any_time"
    ONLY_WHEN_I_WRITE_FIRST = "only_when_i_write_first"


class Preferences(BaseModel):
    """What a customer prefers. An unknown name from a newer version is left aside, never an error."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    contact: ContactWish = ContactWish.ANY_TIME


class NoteKind(StrEnum):
    """What staff write into a customer's timeline."""

    CALL = "call"
    VISIT = "visit"
    WISH = "wish"
    NOTE = "note"


class TaskKind(StrEnum):
    """What a person has to do: a privacy request, keep a complaint from happening, call somebody, read a report."""

    PRIVACY = "privacy"
    PREVENT = "prevent"
    CALL = "call"
    REPORT = "report"


class TaskState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    DROPPED = "dropped"


class CodePurpose(StrEnum):
    """`start`: the shop invites a known customer. `link`: a customer joins a second channel; `carry`: goes on there."""

    START = "start"
    LINK = "link"
    CARRY = "carry"
