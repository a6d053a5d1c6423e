"""A ticket and its customer's conversation locked the other way round."""

import asyncio

from sqlalchemy import select

from conversations.models import Conversation
from core.database import Database
from tickets.repository import lock_ticket

_PATIENCE = 20


async def resolve_the_other_way_round(
    database: Database, number: int, has_ticket: asyncio.Event, has_conversation: asyncio.Event
) -> None:
    """First the ticket, then the conversation in which its customer is asked."""
    async with database.write() as session:
        await lock_ticket(session, number)
        has_ticket.set()
        await asyncio.wait_for(has_conversation.wait(), _PATIENCE)
        await session.execute(select(Conversation.id).with_for_update())


async def write_when_told(
    database: Database, number: int, has_ticket: asyncio.Event, has_conversation: asyncio.Event
) -> None:
    """As a customer's words are kept: the conversation, then the ticket."""
    async with database.write() as session:
        await session.execute(select(Conversation.id).with_for_update())
        has_conversation.set()
        await asyncio.wait_for(has_ticket.wait(), _PATIENCE)
        await lock_ticket(session, number)
