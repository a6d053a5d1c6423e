"""What staff do about events and deliveries that went wrong, and the switch that holds all sending."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, text

from conversations.models import Delivery, InboxEvent, OutboxHold
from conversations.values import DeliveryKind, DeliveryState, InboxState
from core import signals
from core.database import ReadSession, WriteSession
from core.errors import Conflict, NotFound

#: What `resend` and `dismiss_delivery` may be asked about.
TROUBLED = (DeliveryState.FAILED, DeliveryState.UNKNOWN)
# Spelt out as in the partial index, which SQLite does not use for bound values.
_IS_TROUBLED = text("delivery.state IN ('failed', 'unknown')")


class EventNotFound(NotFound):
    code = "event_not_found"


class EventNotParked(Conflict):
    code = "event_not_parked"


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"


class DeliveryNotTroubled(Conflict):
    """Only failed and unknown deliveries can be sent again or dismissed."""

    code = "delivery_not_troubled"


async def list_parked(session: ReadSession, after: int | None = None, limit: int | None = None) -> Sequence[InboxEvent]:
    """Parked events, oldest first, with ids above `after`."""
    query = select(InboxEvent).where(InboxEvent.state == InboxState.PARKED).order_by(InboxEvent.id).limit(limit)
    if after is not None:
        query = query.where(InboxEvent.id > after)
    return (await session.scalars(query)).all()


async def get_event(session: ReadSession, event_id: int) -> InboxEvent:
    """An event in any state. Raises EventNotFound."""
    event = await session.get(InboxEvent, event_id)
    if event is None:
        raise EventNotFound(f"there is no event {event_id}")
    return event


async def retry(session: WriteSession, event_id: int, now: datetime) -> InboxEvent:
    """Has a parked event handled again, before what waits in its lane. Raises EventNotFound, EventNotParked."""
    event = await _get_parked(session, event_id)
    event.state, event.attempt, event.due_at = InboxState.PENDING, 0, now
    await session.flush()
    session.signal(signals.INBOX)
    return event


async def dismiss(session: WriteSession, event_id: int, now: datetime) -> InboxEvent:
    """Gives a parked event up; its row stays. Raises EventNotFound, EventNotParked."""
    event = await _get_parked(session, event_id)
    event.state, event.done_at = InboxState.DISMISSED, now
    await session.flush()
    return event


async def _get_parked(session: WriteSession, event_id: int) -> InboxEvent:
    event = await session.get(InboxEvent, event_id, with_for_update=True)
    if event is None:
        raise EventNotFound(f"there is no event {event_id}")
    if event.state is not InboxState.PARKED:
        raise EventNotParked(f"event {event_id} is {event.state}, not parked")
    return event


async def list_deliveries(
    session: ReadSession,
    states: Sequence[DeliveryState] = TROUBLED,
    kinds: Sequence[DeliveryKind] = (),
    after: int | None = None,
    limit: int | None = None,
) -> Sequence[Delivery]:
    """Deliveries in `states` (none: all) and of `kinds` (none: all), oldest first, with ids above `after`."""
    query = select(Delivery).order_by(Delivery.id).limit(limit)
    if states:
        query = query.where(Delivery.state.in_(states))
    if states and set(states) <= set(TROUBLED):
        query = query.where(_IS_TROUBLED)
    if kinds:
        query = query.where(Delivery.kind.in_(kinds))
    if after is not None:
        query = query.where(Delivery.id > after)
    return (await session.scalars(query)).all()


async def find_troubled(session: ReadSession, message_ids: Sequence[int]) -> Mapping[int, int]:
    """Of these messages those with a failed or unknown delivery, and its id."""
    query = select(Delivery.message_id, Delivery.id).where(Delivery.message_id.in_(message_ids), _IS_TROUBLED)
    rows = await session.execute(query.order_by(Delivery.id.desc()))
    return {message_id: delivery_id for message_id, delivery_id in rows if message_id is not None}


async def get_delivery(session: ReadSession, delivery_id: int) -> Delivery:
    """Raises DeliveryNotFound."""
    delivery = await session.get(Delivery, delivery_id)
    if delivery is None:
        raise DeliveryNotFound(f"there is no delivery {delivery_id}")
    return delivery


async def resend(session: WriteSession, delivery_id: int, now: datetime) -> Delivery:
    """Sends a failed or unknown delivery again, however late. Raises DeliveryNotFound, DeliveryNotTroubled."""
    delivery = await _get_troubled(session, delivery_id)
    delivery.resent = delivery.resent or delivery.state is DeliveryState.UNKNOWN
    delivery.state, delivery.attempt, delivery.because = DeliveryState.PENDING, 0, None
    delivery.due_at, delivery.expires_at, delivery.retry_at, delivery.claim = now, None, None, None
    await session.flush()
    session.signal(signals.OUTBOX)
    return delivery


async def dismiss_delivery(session: WriteSession, delivery_id: int) -> Delivery:
    """Gives a failed or unknown delivery up. Raises DeliveryNotFound, DeliveryNotTroubled."""
    delivery = await _get_troubled(session, delivery_id)
    delivery.state, delivery.because, delivery.claim = DeliveryState.SKIPPED, "dismissed", None
    await session.flush()
    return delivery


async def _get_troubled(session: WriteSession, delivery_id: int) -> Delivery:
    await session.execute(select(Delivery.id).where(Delivery.id == delivery_id).with_for_update())
    delivery = await get_delivery(session, delivery_id)
    if delivery.state not in TROUBLED:
        raise DeliveryNotTroubled(f"delivery {delivery_id} is {delivery.state}, neither failed nor unknown")
    return delivery


async def hold(session: WriteSession, by: str, now: datetime) -> OutboxHold:
    """Stops all sending in every process after the calls in flight. Held already: nothing changes."""
    held = await find_hold(session)
    if held is None:
        held = OutboxHold(id=1, held_by=by, held_at=now)
        session.add(held)
        await session.flush()
    return held


async def release(session: WriteSession) -> bool:
    """Lets sending go on. False when it was not held."""
    was_held = await find_hold(session) is not None
    await session.execute(delete(OutboxHold))
    session.signal(signals.OUTBOX)
    return was_held


async def find_hold(session: ReadSession) -> OutboxHold | None:
    return await session.get(OutboxHold, 1)
