"""What a step may know of the customer who writes: read when the intent needs it, and only then. Values."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from customers.birthdays import Birthday
from customers.parcels import ParcelFacts
from customers.values import Origin, Tier

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Given:
    """What the customer brought to be recognised by: an order number with four digits, a code, their own phone."""

    number: str | None = None
    digits: str | None = None
    code: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order of a recognised customer. `product` is what they call it by."""

    parcel: ParcelFacts
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What else the file says, as its owner is shown it; contacts are masked, as others may look on.

    `benefits`: what the tier brings, by language; empty where it brings nothing. `writes_first`: they want to be
    written to only when they write first. `zone_from`: who told their zone; None: it is the shop's.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    organisation: str = ""
    needs: str = ""
    writes_first: bool = False
    zone_from: Origin | None = None
    tier: Tier = Tier.STANDARD
    benefits: Mapping[str, str] = field(default_factory=dict)


class Check(StrEnum):
    """What became of what was brought. `too_many`: five wrong tries. `refused`: this side is somebody already."""

    FITS = "fits"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Carried:
    """A talk that goes on here. `number`: of the case in it that waits for a person's answer."""

    number: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """`recognised`: the channel, a code or a phone has proven who writes; only then `orders` is filled.

    `check` answers what was brought, and `proven` is the order that it opened or was made for. `has_orders`: the shop
    keeps any at all. `zone` is the customer's own, or the shop's. `carried`: the code that was brought has a talk go on
    here.
    """

    recognised: bool = False
    profile: Profile = Profile()
    birthday: Birthday | None = None
    may_ask_birthday: bool = False
    zone: ZoneInfo = SHANGHAI
    care: bool = False
    promotion: bool = False
    has_orders: bool = True
    orders: tuple[Purchase, ...] = ()
    check: Check | None = None
    proven: ParcelFacts | None = None
    carried: Carried | None = None


#: Reads the facts, checking what was brought, at an instant.
ReadCustomer = Callable[[Given | None, datetime], Awaitable[CustomerFacts]]
