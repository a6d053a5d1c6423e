"""What staff do about what went astray, with its entry in the audit book: one place for the API and the pages.

Nothing here commits.
"""

from datetime import datetime

from sqlalchemy import select

from conversations import repair
from conversations.models import Delivery, InboxEvent, Message
from core.database import ReadSession, WriteSession
from core.errors import NotAllowed
from staff import audit
from staff.permissions import Action, may
from staff.values import Actor


class NotOwnReply(NotAllowed):
    """An agent sends her own replies again; others' are for a supervisor."""

    code = "not_own_reply"


async def retry_event(session: WriteSession, event_id: int, by: Actor, now: datetime) -> InboxEvent:
    """Has a parked event handled again. Raises EventNotFound, EventNotParked."""
    event = await repair.retry(session, event_id, now)
    audit.record(session, actor=by.name, action="inbox.retry", object=f"event:{event_id}", now=now)
    return event


async def dismiss_event(session: WriteSession, event_id: int, by: Actor, now: datetime) -> InboxEvent:
    """Gives a parked event up. Raises EventNotFound, EventNotParked."""
    event = await repair.dismiss(session, event_id, now)
    audit.record(session, actor=by.name, action="inbox.dismiss", object=f"event:{event_id}", now=now)
    return event


async def resend(session: WriteSession, delivery_id: int, by: Actor, now: datetime) -> Delivery:
    """Sends a failed or unknown delivery again; an agent her own replies.

    Raises:
        DeliveryNotFound, NotOwnReply, DeliveryNotTroubled
    """
    await repair.get_delivery(session, delivery_id)
    if not await may_resend(session, by, delivery_id):
        raise NotOwnReply("this is not your own reply; a supervisor can send it again")
    delivery = await repair.resend(session, delivery_id, now)
    audit.record(session, actor=by.name, action="deliveries.resend", object=f"delivery:{delivery_id}", now=now)
    return delivery


async def dismiss_delivery(session: WriteSession, delivery_id: int, by: Actor, now: datetime) -> Delivery:
    """Gives a failed or unknown delivery up. Raises DeliveryNotFound, DeliveryNotTroubled."""
    delivery = await repair.dismiss_delivery(session, delivery_id)
    audit.record(session, actor=by.name, action="deliveries.dismiss", object=f"delivery:{delivery_id}", now=now)
    return delivery


async def may_resend(session: ReadSession, actor: Actor, delivery_id: int) -> bool:
    """Whether `actor` may send this delivery again."""
    author = (
        select(Message.agent_id).join(Delivery, Delivery.message_id == Message.id).where(Delivery.id == delivery_id)
    )
    return may(actor, Action.RESEND_DELIVERY, own=await session.scalar(author) == actor.id)
