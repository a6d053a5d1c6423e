"""Looking at follow-ups that are written down, and taking one back. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from conversations.models import Delivery
from conversations.values import DeliveryState
from core.database import ReadSession, WriteSession
from core.errors import Conflict, NotFound
from scheduler.models import FollowUp
from scheduler.values import FollowUpState
from staff import audit

#: Why a delivery was skipped that somebody took back.
TAKEN_BACK = "dismissed"


class FollowUpNotFound(NotFound):
    code = "follow_up_not_found"


class FollowUpOver(Conflict):
    """It has gone out, or was ended already."""

    code = "follow_up_over"


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    state: FollowUpState | None = None
    programme: str | None = None
    customer_id: int | None = None


async def list_follow_ups(
    session: ReadSession, wanted: FollowUpFilter, before_id: int | None = None, limit: int | None = 50
) -> list[FollowUp]:
    """Newest first by id; `before_id` is the last id of the page before."""
    query = select(FollowUp).order_by(FollowUp.id.desc()).limit(limit)
    if wanted.state is not None:
        query = query.where(FollowUp.state == wanted.state)
    if wanted.programme is not None:
        query = query.where(FollowUp.programme == wanted.programme)
    if wanted.customer_id is not None:
        query = query.where(FollowUp.customer_id == wanted.customer_id)
    return list(await session.scalars(query if before_id is None else query.where(FollowUp.id < before_id)))


async def cancel(session: WriteSession, follow_up_id: int, *, by: str, now: datetime) -> FollowUp:
    """Takes it back before it goes out. Raises FollowUpNotFound, FollowUpOver."""
    row = await session.get(FollowUp, follow_up_id)
    if row is None:
        raise FollowUpNotFound(f"there is no follow-up {follow_up_id}")
    if row.delivery_id is not None:
        await _stop_delivery(session, row)
    await session.refresh(row, with_for_update=True)
    if row.state is not FollowUpState.PLANNED:
        raise FollowUpOver(f"follow-up {follow_up_id} is {row.state.value} already")
    row.state, row.because, row.ended_by = FollowUpState.CANCELLED, None, by[:80]
    audit.record(session, actor=by, action="follow_ups.cancel", object=f"follow_up:{row.id}", now=now)
    await session.flush()
    return row


async def _stop_delivery(session: WriteSession, row: FollowUp) -> None:
    """Raises FollowUpOver: it has been claimed for sending."""
    delivery = await session.get(Delivery, row.delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        return
    if delivery.state is not DeliveryState.PENDING:
        raise FollowUpOver(f"follow-up {row.id} is going out, or was ended: its delivery is {delivery.state.value}")
    delivery.state, delivery.because = DeliveryState.SKIPPED, TAKEN_BACK
