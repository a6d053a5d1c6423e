"""A sender and somebody who takes over, at the same moment: each transaction is held open as long as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import TextualSelect, select

from conversations import leases, outbox, outbox_rows
from conversations.desk import holding
from conversations.models import Delivery
from conversations.values import DeliveryKind, DeliveryState
from core.database import WriteSession
from staff.values import Actor
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.desk_work import the_talk
from tests.support.doors import DirectDoor, Words

#: Long enough for whoever does not wait to be done.
A_WHILE = 0.3


@asynccontextmanager
async def claiming(shop: Shop, door: DirectDoor, statement: TextualSelect | None = None) -> AsyncIterator[list[int]]:
    """The ids that the sender takes; what it takes is committed at the end."""
    async with shop.database.write() as session:
        yield [row.id for row in await _claim(shop, session, door, statement) if row.state is DeliveryState.SENDING]


async def _claim(shop: Shop, session: WriteSession, door: DirectDoor, statement: TextualSelect | None) -> Sequence[Any]:
    now = shop.clock.now()
    await leases.acquire(session, outbox.sending_lease(door.account), "sender", now, 1000.0)
    until = now + timedelta(seconds=15)
    if statement is None:
        return await outbox_rows.claim_heads(session, "claim", "sender", 10, now, until)
    values = {"claim": "claim", "holder": "sender", "most": 10, "now": now, "until": until}
    return (await session.execute(statement, values)).all()


async def greeted(shop: Shop) -> DirectDoor:
    """A customer whom the bot has an answer for, in the outbox."""
    door = shop.door(channel="telegram")
    await door.say([Words("m1", "怎么退货")])
    return door


@asynccontextmanager
async def taking(shop: Shop, agent: Actor, door: DirectDoor) -> AsyncIterator[None]:
    """A take-over that is committed at the end."""
    talk = await the_talk(shop, door)
    async with shop.work(agent) as work:
        await holding.take_conversation(work, agent, talk.id)
        await work.session.flush()
        yield


async def answers(shop: Shop) -> list[Delivery]:
    async with shop.database.read() as session:
        return list(await session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.REPLY)))


async def is_done(task: asyncio.Task[Any]) -> bool:
    """Whether `task` waits for nobody."""
    await asyncio.wait({task}, timeout=A_WHILE)
    return task.done()
