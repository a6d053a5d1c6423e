"""What stands about somebody who was erased: where no topic takes it along, message by message, in agents' chats too.

Telegram lets a message be deleted for two days; after that the bot empties its own. What neither reaches is named on
the receipt of the erasure.
"""

from datetime import datetime

from sqlalchemy import delete, exists, or_, select

from bot.telegram.desk.payloads import DeskPayload, Do, drafts
from bot.telegram.models import DeskGroup, DeskPost, DeskTopic
from conversations import outbox
from core.database import ReadSession, WriteSession
from customers.models import Customer
from customers.privacy_models import Erasure
from tickets.models import Ticket

_AT_ONCE = 100
#: What stands in place of words that cannot be deleted any more.
EMPTY = "—"
_OUTSIDE_TOPIC = or_(DeskTopic.thread.is_(None), DeskPost.chat != DeskTopic.chat)


async def find_topics(session: ReadSession, group: DeskGroup) -> list[tuple[int, datetime]]:
    """Tickets of the erased about which something still stands, and since when it should not."""
    stands = exists().where(DeskPost.topic_id == DeskTopic.id, _OUTSIDE_TOPIC)
    query = (
        select(DeskTopic.ticket_id, Customer.erased_at)
        .join(Ticket, Ticket.id == DeskTopic.ticket_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(DeskTopic.account == group.account, DeskTopic.chat == group.chat, Customer.erased_at.is_not(None))
        .where(stands)
    )
    return [(ticket_id, at) for ticket_id, at in await session.execute(query) if at is not None]


async def take_away(session: WriteSession, group: DeskGroup, topic: DeskTopic, ticket: Ticket, now: datetime) -> None:
    """Some of it; the rest has its turn again."""
    query = select(DeskPost).join(DeskTopic, DeskTopic.id == DeskPost.topic_id)
    query = query.where(DeskPost.topic_id == topic.id, _OUTSIDE_TOPIC).order_by(DeskPost.id).limit(_AT_ONCE)
    posts = list(await session.scalars(query))
    for post in posts:
        call = DeskPayload(to=post.chat, do=Do.DROP, number=post.number, of_erased=ticket.customer_id)
        await outbox.enqueue(session, *drafts(group, [call], f"drop:{post.chat}:{post.number}", now))
    await session.execute(delete(DeskPost).where(DeskPost.id.in_([post.id for post in posts])))


async def name_on_receipt(session: WriteSession, customer_id: int, what: str) -> bool:
    """Adds it to what could not be reached. False: the receipt is not written yet."""
    customer = await session.get_one(Customer, customer_id)
    while customer.merged_into_id is not None:
        customer = await session.get_one(Customer, customer.merged_into_id)
    newest = select(Erasure).where(Erasure.customer_number == customer.id).order_by(Erasure.id.desc()).limit(1)
    erasure = await session.scalar(newest.with_for_update())
    if erasure is None or erasure.finished_at is None:
        return erasure is None
    unreached = list(erasure.receipt.get("unreachable", ()))
    if what not in unreached:
        erasure.receipt = erasure.receipt | {"unreachable": [*unreached, what]}
    await session.flush()
    return True
