"""A group that becomes a supergroup gets another id, for ever: every place that keeps the old one is rewritten."""

from sqlalchemy import delete, select, update

from bot.telegram.desk.payloads import BESIDE
from bot.telegram.models import DeskGroup, DeskPost, DeskStranger, DeskTopic, StrayGroup
from conversations.models import Account, Delivery
from conversations.values import DeliveryState
from core import signals
from core.database import WriteSession
from customers.models import ChannelIdentity
from staff.models import Desk

#: Under this name an account keeps the new ids of its groups, for a setting that holds an old one.
MOVED = "moved_chats"
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
    await _move_desk(session, account, old_id, new_id)
    session.signal(signals.OUTBOX)


async def _move_desk(session: WriteSession, account: str, old_id: str, new_id: str) -> None:
    """The numbers of the old group's messages mean nothing in the new one: cards and board are posted there anew."""
    known = select(DeskGroup.id).where(DeskGroup.account == account, DeskGroup.chat == new_id)
    if await session.scalar(known) is None:
        afresh = {"chat": new_id, "board": None, "board_print": None, "looked_at": None}
        in_group = (DeskGroup.account == account, DeskGroup.chat == old_id)
        await session.execute(update(DeskGroup).where(*in_group).values(**afresh))
    topics = (DeskTopic.account == account, DeskTopic.chat == old_id)
    nowhere = {"chat": new_id, "thread": None, "card": None, "card_print": None}
    await session.execute(update(DeskTopic).where(*topics).values(**nowhere))
    await session.execute(delete(DeskPost).where(DeskPost.account == account, DeskPost.chat == old_id))
    await _move_strangers(session, account, old_id, new_id)
    await session.execute(update(Desk).where(Desk.account == account, Desk.chat == old_id).values(chat=new_id))
    row = await session.get_one(Account, account, with_for_update=True)
    row.data = row.data | {MOVED: row.data.get(MOVED, {}) | {old_id: new_id}}


async def _move_strangers(session: WriteSession, account: str, old_id: str, new_id: str) -> None:
    known = select(DeskStranger.external_id).where(DeskStranger.account == account, DeskStranger.chat == new_id)
    there = (DeskStranger.account == account, DeskStranger.chat == old_id)
    of_them = update(DeskStranger).where(*there, DeskStranger.external_id.not_in(known))
    await session.execute(of_them.values(chat=new_id))


async def _move_deliveries(session: WriteSession, account: str, old_id: str, new_id: str) -> None:
    lanes = {old_id: new_id, old_id + BESIDE: new_id + BESIDE}
    waiting = select(Delivery).where(Delivery.account == account, Delivery.lane.in_(lanes))
    for delivery in await session.scalars(waiting.where(Delivery.state.in_(_WAITING))):
        delivery.lane = lanes[delivery.lane]
        delivery.payload = delivery.payload | {"to": new_id}
    await session.flush()
