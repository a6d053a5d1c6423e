"""What to tell somebody who asks where the parcel is. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

from customers.values import OrderStatus


class ParcelState(StrEnum):
    """What a customer wants to know; each is one sentence."""

    NOT_PAID = "not_paid"
    PREPARING = "preparing"
    ON_THE_WAY = "on_the_way"
    PICK_UP = "pick_up"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class NextStep(StrEnum):
    """What follows. `COMPLAIN`: it is so late, or so long ago, that the bot offers to open a case."""

    WAIT = "wait"
    PAY = "pay"
    FETCH = "fetch"
    CHECK_DOOR = "check_door"
    COMPLAIN = "complain"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """What the order says of its way."""

    order: str
    status: OrderStatus
    carrier: str | None = None
    tracking_no: str | None = None
    placed_at: datetime | None = None
    expected_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParcelAnswer:
    """`day` is expected or delivered, in the customer's zone; `days_late` counts whole days after it, 0 is in time."""

    order: str
    state: ParcelState
    next_step: NextStep
    carrier: str | None
    tracking_no: str | None
    tracking_url: str | None
    day: datetime | None
    days_late: int


#: Whole days after the expected one, from which a case is offered.
LATE_ENOUGH_DAYS = 2
#: Without an expected day: how long a parcel may take before that.
_USUAL_DAYS = 10
#: A parcel said to be delivered, yet not there: look around this long, then complain.
_LOOK_AROUND = timedelta(days=2)

_STATES = {
    OrderStatus.AWAITING_PAYMENT: ParcelState.NOT_PAID,
    OrderStatus.PLACED: ParcelState.PREPARING,
    OrderStatus.PAID: ParcelState.PREPARING,
    OrderStatus.PACKED: ParcelState.PREPARING,
    OrderStatus.SHIPPED: ParcelState.ON_THE_WAY,
    OrderStatus.READY_FOR_PICKUP: ParcelState.PICK_UP,
    OrderStatus.DELIVERED: ParcelState.DELIVERED,
    OrderStatus.RETURNED: ParcelState.RETURNED,
    OrderStatus.CANCELLED: ParcelState.CANCELLED,
}

#: Words in a carrier's name -> where its parcels are looked up; {} is the tracking number.
_TRACKING_PAGES = {
    ("sf", "顺丰", "順豐"): "https://www.sf-express.com/chn/sc/waybill/waybill-detail/{}",
    ("dhl",): "https://www.dhl.com/en/express/tracking.html?AWB={}",
    ("ups",): "https://www.ups.com/track?tracknum={}",
    ("fedex",): "https://www.fedex.com/fedextrack/?trknbr={}",
    ("usps",): "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    ("royal mail",): "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    ("canada post", "postes canada"): "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
}
#: Looks most Chinese carriers up by number.
_ANY_CARRIER = "https://www.kuaidi100.com/chaxun?nu={}"


def where_is(facts: ParcelFacts, zone: ZoneInfo, now: datetime) -> ParcelAnswer:
    """The answer, from the order alone."""
    state = _STATES[facts.status]
    late = _days_late(facts, state, zone, now)
    day = facts.delivered_at if state is ParcelState.DELIVERED else facts.expected_at
    return ParcelAnswer(
        order=facts.order,
        state=state,
        next_step=_next_step(facts, state, late, now),
        carrier=facts.carrier,
        tracking_no=facts.tracking_no,
        tracking_url=tracking_url(facts.carrier, facts.tracking_no),
        day=day.astimezone(zone) if day else None,
        days_late=late,
    )


def tracking_url(carrier: str | None, number: str | None) -> str | None:
    """Where the parcel can be followed; None without a number."""
    if not number:
        return None
    name = (carrier or "").lower()
    pages = (page for words, page in _TRACKING_PAGES.items() if any(word in name for word in words))
    return next(pages, _ANY_CARRIER).format(quote(number, safe=""))


def _days_late(facts: ParcelFacts, state: ParcelState, zone: ZoneInfo, now: datetime) -> int:
    """Whole local days after the expected one; the expected day itself is in time."""
    if state in (ParcelState.CANCELLED, ParcelState.RETURNED, ParcelState.NOT_PAID, ParcelState.PICK_UP):
        return 0
    expected = facts.expected_at
    if expected is None and facts.placed_at is not None:
        expected = facts.placed_at + timedelta(days=_USUAL_DAYS)
    arrived = facts.delivered_at or now if state is ParcelState.DELIVERED else now
    if expected is None:
        return 0
    return max(0, (arrived.astimezone(zone).date() - expected.astimezone(zone).date()).days)


def _next_step(facts: ParcelFacts, state: ParcelState, late: int, now: datetime) -> NextStep:
    if state is ParcelState.NOT_PAID:
        return NextStep.PAY
    if state is ParcelState.PICK_UP:
        return NextStep.FETCH
    if state is ParcelState.DELIVERED:
        is_fresh = facts.delivered_at is None or now - facts.delivered_at <= _LOOK_AROUND
        return NextStep.CHECK_DOOR if is_fresh else NextStep.COMPLAIN
    if state in (ParcelState.RETURNED, ParcelState.CANCELLED):
        return NextStep.NOTHING
    return NextStep.COMPLAIN if late >= LATE_ENOUGH_DAYS else NextStep.WAIT
