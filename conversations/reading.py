"""What is read of a conversation before its batch is answered."""

from datetime import datetime

import structlog
from sqlalchemy import exists, func, select

from conversations import pace, repository
from conversations.batches import Batch
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
from customers.models import Customer
from staff.models import Agent
from staff.values import Role

log = structlog.get_logger(__name__)

_STAFFED = exists().where(Agent.disabled_at.is_(None), Agent.role != Role.CHANNEL)


async def read_context(session: ReadSession, batch: Batch, limit: int, now: datetime) -> Context:
    """The conversation of the batch's visitor as it is now; a new one where there is none."""
    visitor = batch.items[-1].event.visitor
    thread, shop, staffed, blocked_until = await _surroundings(session, batch.account, visitor.external_id)
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
        staffed=staffed,
        shares_phone=_shares_phone(batch.account),
        known=await _find_known(session, conversation, batch) if conversation else {},
        recent=await _recent_times(session, conversation, batch, limit) if conversation else (),
        blocked_until=blocked_until if blocked_until and blocked_until > now else None,
        limit=None if thread and thread.account.channel == HTTP else limit,
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


async def _surroundings(
    session: ReadSession, account: str, external_id: str
) -> tuple[Thread | None, Shop | None, bool, datetime | None]:
    """The talk, the shop, whether anybody works there, and a block's end; in one look, but for the first one."""
    talk = repository.thread_query(account, external_id).join(Customer, Customer.id == Conversation.customer_id)
    around = talk.outerjoin(Shop, Shop.id == 1).add_columns(Shop, _STAFFED, Customer.blocked_until)
    row = (await session.execute(around)).one_or_none()
    if row is not None:
        return Thread(*row[:3]), row[3], row[4], row[5]
    return None, await session.get(Shop, 1), bool(await session.scalar(select(_STAFFED))), None


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
