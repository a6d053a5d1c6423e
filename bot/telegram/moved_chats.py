"""A group that becomes a supergroup gets another id, for ever: every place that keeps the old one is rewritten."""

from sqlalchemy import select, update

from bot.telegram.models import StrayGroup
from conversations.models import Delivery
from conversations.values import DeliveryState
from core import signals
from core.database import WriteSession
from customers.models import ChannelIdentity

_WAITING = (DeliveryState.PENDING, DeliveryState.SENDING)


async def move_chat(session: WriteSession, account: str, old_id: str, new_id: str) -> None:
    """Rewrites `old_id` to `new_id` wherever it is kept. A second time changes nothing."""
    await _move_deliveries(session, account, old_id, new_id)
    known = select(StrayGroup.id).where(StrayGroup.account == account, StrayGroup.chat_id == new_id)
    if await session.scalar(known) is None:
        in_group = (StrayGroup.account == account, StrayGroup.chat_id == old_id)
        await session.execute(update(StrayGroup).where(*in_group).values(chat_id=new_id))
    of_chat = (ChannelIdentity.account == account, ChannelIdentity.external_id == old_id)
    await session.execute(update(ChannelIdentity).where(*of_chat).values(external_id=new_id))
    session.signal(signals.OUTBOX)


async def _move_deliveries(session: WriteSession, account: str, old_id: str, new_id: str) -> None:
    waiting = select(Delivery).where(Delivery.account == account, Delivery.lane == old_id, Delivery.state.in_(_WAITING))
    for delivery in await session.scalars(waiting):
        delivery.lane = new_id
        delivery.payload = delivery.payload | {"to": new_id}
    await session.flush()
