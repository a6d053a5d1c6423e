"""`GET /outgoing`: what went to an account's customers other than as an answer."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import Row, or_, select

from admin.api.cursors import decode_cursor, encode_cursor
from admin.api.shapes.message import message_shape
from bot.http.posting import HttpDoor
from bot.http.shapes import OutgoingItem, OutgoingPage
from conversations.models import Conversation, Message
from conversations.values import Author
from core.database import Database
from core.signals import MESSAGES
from customers.models import ChannelIdentity, Customer

LONGEST_WAIT = 30
#: How long a lost signal, or the end of the service, goes unnoticed.
_LOOK_SECONDS = 1.0
_LIST = "outgoing"


async def read_outgoing(door: HttpDoor, account: str, after: str | None, limit: int, wait: float) -> OutgoingPage:
    """What was said since the cursor; when there is nothing, waits up to `wait` seconds for something.

    Raises:
        InvalidInput: `after` is no cursor of this list.
    """
    since = decode_cursor(_LIST, after, "after") or 0
    now = asyncio.get_running_loop().time
    give_up_at = now() + wait
    with door.database.signals.subscribe(MESSAGES) as news:
        while True:
            rows = await _unasked(door.database, account, since, limit)
            left = give_up_at - now()
            if rows or left <= 0 or door.is_closing:
                return _page(rows, since, door)
            await news.wait(min(left, _LOOK_SECONDS))


async def _unasked(database: Database, account: str, since: int, limit: int) -> Sequence[Row[Message, str]]:
    """Message ids grow in the order of commits here: who writes one of these holds the account (see `timeline`).

    What was emptied with the customer's erasure tells nobody anything and is left out; the last word to them is not.
    """
    query = (
        select(Message, ChannelIdentity.external_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(Message.id > since, Message.author != Author.CUSTOMER, Message.answer_to.is_(None))
        .where(Conversation.account == account, or_(Customer.erased_at.is_(None), Message.text != ""))
        .order_by(Message.id)
        .limit(limit)
    )
    async with database.read() as session:
        return (await session.execute(query)).all()


def _page(rows: Sequence[Row[Message, str]], since: int, door: HttpDoor) -> OutgoingPage:
    items = [
        OutgoingItem(
            customer=customer,
            conversation=message.conversation_id,
            message=message_shape(message, link=door.links.url, read=door.codes.reveal),
        )
        for message, customer in rows
    ]
    return OutgoingPage(items=items, next_cursor=encode_cursor(_LIST, items[-1].message.id if items else since))
