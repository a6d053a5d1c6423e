"""What is read of a conversation before its batch is answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row, exists, func, or_, select

from conversations import pace, repository
from conversations.batches import Batch
from conversations.case_facts import Writer
from conversations.channels import HTTP, PUSH_CHANNELS
from conversations.language import from_client
from conversations.memory import Memory, read_memory
from conversations.models import Conversation, Message
from conversations.planning import Context
from conversations.threads import Thread
from conversations.turns import Original
from conversations.values import Author, Edited, Owner, Pressed, Said
from core.database import ReadSession
from core.shop import Shop
from core.shop_facts import ShopFacts
from customers.models import ChannelIdentity, Customer
from staff.models import Agent
from staff.values import Role
from tickets.models import Ticket
from tickets.money_models import Grant

log = structlog.get_logger(__name__)

#: Whether there is anybody who could come.
STAFFED = exists().where(Agent.disabled_at.is_(None), Agent.role != Role.CHANNEL)
_HAS_CASES = or_(
    exists().where(Ticket.customer_id == ChannelIdentity.customer_id),
    exists().where(Grant.customer_id == ChannelIdentity.customer_id),
)
_MOVED = or_(
    Customer.merged_into_id.is_not(None),
    Customer.erased_at.is_not(None),
    ChannelIdentity.customer_id != Conversation.customer_id,
)
_AROUND = (
    repository.THREAD.join(Customer, Customer.id == Conversation.customer_id)
    .outerjoin(Shop, Shop.id == 1)
    .add_columns(
        Shop,
        STAFFED.label("staffed"),
        Customer.blocked_until,
        Customer.timezone,
        _HAS_CASES.label("has_cases"),
        _MOVED.label("moved"),
    )
)


async def read_context(session: ReadSession, batch: Batch, limit: int, now: datetime) -> Context:
    """The conversation of the batch's visitor as it is now; a new one where there is none."""
    visitor = batch.items[-1].event.visitor
    around = await _look_around(session, batch.account, visitor.external_id)
    thread, shop, blocked_until = around.thread, around.shop, around.blocked_until
    conversation = thread.conversation if thread else None
    memory, is_readable = _remember(conversation)
    return Context(
        version=conversation.version if conversation else 0,
        owner=conversation.owner if conversation else Owner.BOT,
        memory=memory,
        is_readable=is_readable,
        language=from_client(conversation.language) if conversation else None,
        has_chosen=conversation.chosen_language if conversation else False,
        shop=shop.facts if shop else ShopFacts(),
        is_sample=bool(shop and shop.sample),
        staffed=around.is_staffed,
        shares_phone=_shares_phone(batch.account),
        known=await _find_known(session, conversation, batch) if conversation else {},
        recent=await _recent_times(session, conversation, batch, limit) if conversation else (),
        blocked_until=blocked_until if blocked_until and blocked_until > now else None,
        limit=None if thread and thread.account.channel == HTTP else limit,
        writer=around.writer,
    )


def _shares_phone(account: str) -> bool:
    channel = PUSH_CHANNELS.get(account.partition(":")[0])
    return channel is not None and channel.shares_phone


def _remember(conversation: Conversation | None) -> tuple[Memory, bool]:
    if conversation is None:
        return Memory(), True
    memory, is_readable = read_memory(conversation.state)
    if not is_readable:
        log.warning("conversation_state_unreadable", conversation=conversation.id, v=conversation.state.get("v"))
    return memory, is_readable


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known before a word of the batch is read."""

    thread: Thread | None = None
    shop: Shop | None = None
    is_staffed: bool = False
    blocked_until: datetime | None = None
    writer: Writer | None = None


async def _look_around(session: ReadSession, account: str, external_id: str) -> _Around:
    """In one look, but for the first word."""
    row = (await session.execute(_AROUND, {"account": account, "external_id": external_id})).one_or_none()
    if row is None:
        return _Around(None, await session.get(Shop, 1), bool(await session.scalar(select(STAFFED))))
    thread = Thread(*row[:3])
    return _Around(thread, row.Shop, row.staffed, row.blocked_until, _writer(thread, row))


def _writer(thread: Thread, row: Row[Any]) -> Writer | None:
    """None where the file has moved, and has to be looked for."""
    if row.moved:
        return None
    return Writer(
        customer_id=thread.identity.customer_id,
        verified=thread.identity.verified,
        zone=ZoneInfo(row.timezone) if row.timezone else None,
        ticket_id=thread.conversation.ticket_id,
        answer_by=thread.conversation.answer_by,
        has_cases=row.has_cases,
    )


async def _find_known(session: ReadSession, conversation: Conversation, batch: Batch) -> dict[str, Original]:
    """The messages of the batch, or those that it edits, that are in the timeline."""
    events = [item.event for item in batch.items]
    ids = {event.message_id for event in events if isinstance(event, Said | Pressed | Edited)}
    if not ids:
        return {}
    own = select(Message).where(Message.conversation_id == conversation.id, Message.author == Author.CUSTOMER)
    found = (await session.scalars(own.where(Message.client_id.in_(ids)).order_by(Message.seq))).all()
    if not found:
        return {}
    newest = await session.scalar(own.with_only_columns(func.max(Message.seq)))
    return {str(row.client_id): Original(row.id, row.text, row.at, row.seq == newest) for row in found}


async def _recent_times(
    session: ReadSession, conversation: Conversation, batch: Batch, limit: int
) -> tuple[datetime, ...]:
    """When the customer wrote lately; not looked up where it cannot matter."""
    first_at = min(item.event.at for item in batch.items)
    are_few = conversation.last_seq + len(batch.items) <= limit
    if are_few or first_at - conversation.last_at >= pace.MINUTE:
        return ()
    return tuple(await repository.recent_times(session, conversation.id, limit))
