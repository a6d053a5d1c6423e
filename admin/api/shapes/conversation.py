"""A conversation, as scripts read it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from admin.api.shapes.people import CustomerShape, customer_shape
from conversations.models import Account, Conversation
from conversations.values import Owner
from core.database import ReadSession
from customers.models import ChannelIdentity, Customer
from staff.models import Agent
from tickets.models import FIRST_NUMBER


class ConversationShape(BaseModel):
    """In `waiting` a person was asked for and the bot still answers; only `taken` silences it."""

    id: int = Field(examples=[7])
    account: str = Field(examples=["web", "http:shop"])
    channel: str = Field(examples=["web"])
    customer: CustomerShape
    state: Owner
    with_: str | None = Field(serialization_alias="with", description="Who has taken it, as customers see the name.")
    ticket: int | None
    language: str | None = Field(examples=["zh"])
    last_seq: int
    last_at: datetime
    unanswered_since: datetime | None


async def conversation_shapes(session: ReadSession, conversations: Sequence[Conversation]) -> list[ConversationShape]:
    """The conversations, in their order, each with its customer and who has taken it."""
    query = (
        select(Conversation.id, Account.channel, Customer, ChannelIdentity, Agent)
        .join(Account, Account.name == Conversation.account)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
        .outerjoin(Agent, Agent.id == Conversation.agent_id)
        .where(Conversation.id.in_([conversation.id for conversation in conversations]))
    )
    around = {row[0]: row for row in (await session.execute(query)).all()}
    return [_shape(conversation, *around[conversation.id][1:]) for conversation in conversations]


async def conversation_shape(session: ReadSession, conversation: Conversation) -> ConversationShape:
    (shape,) = await conversation_shapes(session, [conversation])
    return shape


def _shape(
    conversation: Conversation, channel: str, customer: Customer, identity: ChannelIdentity, agent: Agent | None
) -> ConversationShape:
    return ConversationShape(
        id=conversation.id,
        account=conversation.account,
        channel=channel,
        customer=customer_shape(customer, identity),
        state=conversation.owner,
        with_=shown_name(agent),
        ticket=conversation.ticket_id and conversation.ticket_id + FIRST_NUMBER - 1,
        language=conversation.language,
        last_seq=conversation.last_seq,
        last_at=conversation.last_at,
        unanswered_since=conversation.unanswered_since,
    )


def shown_name(agent: Agent | None) -> str | None:
    """The name that customers see."""
    return (agent.alias or agent.name) if agent else None
