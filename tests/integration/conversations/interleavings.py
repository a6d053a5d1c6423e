"""Customers, the bot, agents and the sender at one conversation at the same time, in an order that chance decides.

`Round.faults` lists every word of the bot that was written or sent while a person had the conversation.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import TextualSelect, select

from conversations import leases, outbox, outbox_rows, repository
from conversations.desk import ending, holding
from conversations.models import Conversation, Delivery, Message
from conversations.settlement import Settlement
from conversations.values import Author, DeliveryKind, DeliveryState, Owner
from core.database import WriteSession
from core.errors import KefuError
from knowledge_base.values import SearchContext, SearchResult
from staff.values import Actor
from tests.integration.conversations.conftest import RESULTS, Shop
from tests.support.doors import DirectDoor, Words
from tests.support.knowledge import HandMadeKnowledge
from tickets.values import TicketStatus

_WORDS = ("怎么退货", "人工", "退订", "在吗", "我要投诉，罐子破了", "谢谢")
_CLAIMS = count(1)


class Dawdling(HandMadeKnowledge):
    """Searches for as many turns of the loop as chance decides, so that others get in between."""

    def __init__(self, random: Random) -> None:
        super().__init__([], RESULTS)
        self._random = random

    async def search(self, text: str, context: SearchContext) -> SearchResult:
        found = await super().search(text, context)
        await dawdle(self._random)
        return found


async def dawdle(random: Random) -> None:
    for _ in range(random.randrange(6)):
        await asyncio.sleep(0)


@dataclass
class Round:
    """One conversation. `claim` is the statement that the sender takes deliveries with."""

    shop: Shop
    door: DirectDoor
    agent: Actor
    random: Random
    claim: TextualSelect | None = None
    faults: list[str] = field(default_factory=list)
    _lane: asyncio.Lock = field(default_factory=asyncio.Lock)
    _sender: asyncio.Lock = field(default_factory=asyncio.Lock)
    _since: int | None = None
    _numbers: Any = field(default_factory=lambda: count(1))

    async def play(self) -> Sequence[str]:
        """Greets, then six things at once; returns the faults."""
        await self.door.say([Words("hello", "在吗")])
        deeds = self.random.choices((self._say, self._take, self._end, self._send), (4, 3, 2, 4), k=6)
        await asyncio.gather(*(self._do(deed) for deed in deeds))
        await self._send()
        await self._check_period(None)
        return self.faults

    async def _do(self, deed: Callable[[], Awaitable[None]]) -> None:
        await dawdle(self.random)
        try:
            await deed()
        except KefuError:
            return  # somebody was faster, as happens at a desk

    async def _say(self) -> None:
        """One lane: the next words are read when those before are answered."""
        words = self.random.choice(_WORDS)
        async with self._lane:
            await self.door.say([Words(f"m{next(self._numbers)}", words)])

    async def _take(self) -> None:
        async with self.shop.work(self.agent) as work:
            conversation = await holding.take_conversation(work, self.agent, await self._id(work.session))
            seq = conversation.last_seq
        self._since = seq if self._since is None else self._since

    async def _end(self) -> None:
        """Hands back, or resolves."""
        async with self.shop.work(self.agent) as work:
            conversation = await repository.get_conversation(work.session, await self._id(work.session))
            if conversation.owner is not Owner.TAKEN or conversation.ticket_id is None:
                return
            number = conversation.ticket_id + 1000
            if self.random.random() < 0.5:
                case = await holding.hand_back(work, self.agent, number)
            else:
                case = await ending.resolve(work, self.agent, number, None, root_cause="packing")
                assert case.ticket.status is TicketStatus.RESOLVED
            assert case.thread is not None
            upto = case.thread.conversation.last_seq
        await self._check_period(upto)

    async def _check_period(self, upto: int | None) -> None:
        """Looks for the bot's words between a take-over and its end, whose own sentence is number `upto`."""
        since, self._since = self._since, None
        if since is None:
            return
        async with self.shop.database.read() as session:
            theirs = select(Message).where(
                Message.conversation_id == await self._id(session), Message.author == Author.BOT, Message.seq > since
            )
            query = theirs if upto is None else theirs.where(Message.seq < upto)
            self.faults += [f"written: {message.text}" for message in await session.scalars(query)]

    async def _send(self) -> None:
        """Claims what is due, and looks who has the conversation before the claim is committed."""
        async with self._sender:
            await self._send_alone()

    async def _send_alone(self) -> None:
        """One process sends for an account."""
        now, name = self.shop.clock.now(), f"sender {next(_CLAIMS)}"
        async with self.shop.database.write() as session:
            await leases.acquire(session, outbox.sending_lease(self.door.account), "sender", now, 1000.0)
            rows = await self._claim(session, name)
            for row in rows:
                if row.state == "sending":
                    await self._look(session, row.id)
        async with self.shop.database.write() as session:
            sent = Settlement(DeliveryState.SENT, sent_at=now)
            await outbox_rows.settle_all(session, [(row.id, name, sent) for row in rows if row.state == "sending"])

    async def _claim(self, session: WriteSession, name: str) -> Sequence[Any]:
        now = self.shop.clock.now()
        until = now + timedelta(seconds=15)
        if self.claim is None:
            return await outbox_rows.claim_heads(session, name, "sender", 10, now, until)
        values = {"claim": name, "holder": "sender", "most": 10, "now": now, "until": until}
        return (await session.execute(self.claim, values)).all()

    async def _look(self, session: WriteSession, delivery_id: int) -> None:
        query = select(Delivery.kind, Conversation.owner, Message.author, Message.text)
        query = query.join(Conversation, Conversation.id == Delivery.conversation_id)
        query = query.join(Message, Message.id == Delivery.message_id)
        row = (await session.execute(query.where(Delivery.id == delivery_id))).one()
        if row.owner is Owner.TAKEN and row.author is Author.BOT and row.kind is not DeliveryKind.AGENT_REPLY:
            self.faults.append(f"sent: {row.text}")

    async def _id(self, session: Any) -> int:
        found = await repository.find_conversation(session, self.door.account, self.door.visitor)
        assert found is not None
        return found.id
