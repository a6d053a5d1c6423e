"""What is read of a conversation before its batch is answered."""

import structlog
from sqlalchemy import func, select

from conversations import repository
from conversations.batches import Batch
from conversations.channels import HTTP
from conversations.language import from_client
from conversations.memory import Memory, read_memory
from conversations.models import Account, Conversation, Message
from conversations.planning import Context
from conversations.turns import Original
from conversations.values import Author, Edited, Owner, Pressed, Said
from core.database import ReadSession
from core.shop import read_shop
from staff.models import Agent
from staff.values import Role

log = structlog.get_logger(__name__)


async def read_context(session: ReadSession, batch: Batch, limit: int) -> Context:
    """The conversation of the batch's visitor as it is now; a new one where there is none."""
    conversation = await repository.find_conversation(session, batch.account, batch.items[-1].event.visitor.external_id)
    shop, is_sample = await read_shop(session)
    account = await session.get(Account, batch.account)
    memory, is_readable = _remember(conversation)
    return Context(
        conversation_id=conversation.id if conversation else None,
        version=conversation.version if conversation else 0,
        owner=conversation.owner if conversation else Owner.BOT,
        memory=memory,
        is_readable=is_readable,
        language=from_client(conversation.language) if conversation else None,
        has_chosen=conversation.chosen_language if conversation else False,
        shop=shop,
        is_sample=is_sample,
        staffed=await _is_staffed(session),
        known=await _find_known(session, conversation, batch) if conversation else {},
        recent=tuple(await repository.recent_times(session, conversation.id, limit)) if conversation else (),
        limit=None if account is not None and account.channel == HTTP else limit,
    )


def _remember(conversation: Conversation | None) -> tuple[Memory, bool]:
    if conversation is None:
        return Memory(), True
    memory, is_readable = read_memory(conversation.state)
    if not is_readable:
        log.warning("conversation_state_unreadable", conversation=conversation.id, v=conversation.state.get("v"))
    return memory, is_readable


async def _is_staffed(session: ReadSession) -> bool:
    query = select(Agent.id).where(Agent.disabled_at.is_(None), Agent.role != Role.CHANNEL).limit(1)
    return await session.scalar(query) is not None


async def _find_known(session: ReadSession, conversation: Conversation, batch: Batch) -> dict[str, Original]:
    """The messages of the batch, or those that it edits, that are in the timeline."""
    events = [item.event for item in batch.items]
    ids = {event.message_id for event in events if isinstance(event, Said | Pressed | Edited)}
    if not ids:
        return {}
    of_customer = select(Message).where(Message.conversation_id == conversation.id, Message.author == Author.CUSTOMER)
    found = await session.scalars(of_customer.where(Message.client_id.in_(ids)).order_by(Message.seq))
    newest = await session.scalar(of_customer.with_only_columns(func.max(Message.seq)))
    return {
        message.client_id: Original(message.id, message.text, message.at, message.seq == newest)
        for message in found
        if message.client_id is not None
    }
