"""A case and what is seen of it, for the tests of the desk."""

from sqlalchemy import select

from conversations import repository
from conversations.models import Conversation
from scheduler.jobs import Shop as JobShop
from tests.integration.conversations.conftest import Shop
from tests.support.doors import DirectDoor, Words
from tests.support.policies import POLICIES
from tickets.models import Ticket, TicketEvent
from tickets.values import EventType


async def a_case(shop: Shop, *words: str) -> tuple[DirectDoor, Ticket]:
    """A customer says `words` and asks for a person; the case that comes of it."""
    door = shop.door()
    for number, text in enumerate((*words, "人工")):
        await door.say([Words(f"m{number}", text)])
    return door, await the_case(shop, door)


async def the_talk(shop: Shop, door: DirectDoor) -> Conversation:
    async with shop.database.read() as session:
        found = await repository.find_conversation(session, door.account, door.visitor)
    assert found is not None
    return found


async def the_case(shop: Shop, door: DirectDoor) -> Ticket:
    conversation = await the_talk(shop, door)
    assert conversation.ticket_id is not None
    async with shop.database.read() as session:
        return await session.get_one(Ticket, conversation.ticket_id)


async def events(shop: Shop, kind: EventType) -> list[TicketEvent]:
    async with shop.database.read() as session:
        return list(await session.scalars(select(TicketEvent).where(TicketEvent.type == kind)))


def jobs(shop: Shop) -> JobShop:
    return JobShop(shop.database, shop.clock, POLICIES)
