"""Carries what became of deliveries over to their follow-ups. Safe to run at any time and twice."""

from typing import Any

from sqlalchemy import or_, select, text

from conversations.models import Delivery
from conversations.values import DeliveryState
from core.database import Database, ReadSession
from scheduler.models import FollowUp
from scheduler.values import FollowUpState

_AT_ONCE = 200
_STATES = {
    DeliveryState.PENDING: FollowUpState.PLANNED,
    DeliveryState.SENDING: FollowUpState.SENDING,
    DeliveryState.SENT: FollowUpState.SENT,
    DeliveryState.FAILED: FollowUpState.FAILED,
    DeliveryState.UNKNOWN: FollowUpState.UNKNOWN,
    DeliveryState.SKIPPED: FollowUpState.SKIPPED,
}
# Spelt out as in the partial index, which SQLite does not use for bound values.
_IS_LIVE = text("follow_up.state IN ('planned', 'sending', 'unknown')")


async def carry_over(database: Database) -> int:
    """How many follow-ups have changed."""
    carried, after = 0, 0
    while True:
        async with database.read() as session:
            found = await _changed(session, after)
        if not found:
            return carried
        async with database.write() as session:
            for row in await session.scalars(
                select(FollowUp).where(FollowUp.id.in_([one.id for one in found])).with_for_update()
            ):
                delivery = await session.get(Delivery, row.delivery_id)
                carried += delivery is not None and _carry(row, delivery)
        after = found[-1].id


async def _changed(session: ReadSession, after: int) -> list[Any]:
    differs = [(Delivery.state == of) & (FollowUp.state != becomes) for of, becomes in _STATES.items()]
    waits_anew = (Delivery.state == DeliveryState.PENDING) & Delivery.because.is_distinct_from(FollowUp.because)
    query = (
        select(FollowUp.id)
        .join(Delivery, Delivery.id == FollowUp.delivery_id)
        .where(_IS_LIVE, FollowUp.id > after, or_(*differs, waits_anew))
        .order_by(FollowUp.id)
        .limit(_AT_ONCE)
    )
    return list((await session.execute(query)).all())


def _carry(row: FollowUp, delivery: Delivery) -> bool:
    """An answer that came meanwhile stays."""
    if row.state not in (FollowUpState.PLANNED, FollowUpState.SENDING, FollowUpState.UNKNOWN):
        return False
    row.state = _STATES[delivery.state]
    row.because = (delivery.because or "")[:40] or None
    decided = delivery.payload.get("decided") or {}
    row.values = {name: value for name, value in decided.items() if name != "rule"}
    row.sent_at = delivery.sent_at
    return True
