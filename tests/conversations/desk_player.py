"""Plays scripts with three parties: customer, bot, and people at the desk through one of its surfaces."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import select

from conversations.held_replies import HeldReplies
from core.clock import Clock
from core.database import Database
from scheduler.jobs import Shop, give_tickets, tend_conversations
from staff.models import Agent
from tests.conversations.player import Player
from tests.conversations.script import Script
from tests.support.desk_surfaces import DeskSurface
from tests.support.doors import Door
from tests.support.knowledge import SteeredKnowledge
from tests.support.policies import POLICIES
from tickets.models import FIRST_NUMBER, Ticket, TicketEvent
from tickets.values import EventType


class DeskPlayer(Player):
    """`refused` takes the refusal of the deed before it: one that no line expects fails the script."""

    def __init__(
        self, database: Database, clock: Clock, door: Door, knowledge: SteeredKnowledge, surface: DeskSurface
    ) -> None:
        super().__init__(database, clock, door, knowledge)
        self._surface = surface
        self._shop = Shop(database, clock, POLICIES)
        self._refusal: str | None = None
        self._name = ""

    async def play(self, script: Script) -> None:
        self._name = script.name
        await super().play(script)
        self._nothing_refused()

    def _rows(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        desk = {
            "desk": self._desk,
            "both": self._both,
            "clockwork": self._clockwork,
            "refused": self._refused,
            "noted": self._noted,
            "case": self._case,
        }
        return {**super()._rows(), **desk}

    async def _desk(self, words: str) -> None:
        """`NAME DEED [WORDS]`, about the case of the conversation."""
        self._nothing_refused()
        self._refusal = await self._deed(words)
        await self._listen()

    async def _both(self, words: str) -> None:
        """Two deeds at the same moment: one of them is refused."""
        self._nothing_refused()
        refusals = await asyncio.gather(*(self._deed(each) for each in words.split(" | ")))
        refused = [code for code in refusals if code is not None]
        assert len(refused) == 1, f"refused: {refusals}"
        self._refusal = refused[0]
        await self._listen()

    async def _deed(self, words: str) -> str | None:
        who, deed, *rest = words.split(" ", 2)
        return await self._surface.do(who, deed, await self._number(), rest[0] if rest else "")

    async def _clockwork(self, _words: str) -> None:
        """What waits is said, what is due is done."""
        await HeldReplies(self._database, self._clock, POLICIES)._round()
        await give_tickets(self._shop)
        await tend_conversations(self._shop)
        await self._listen()

    async def _number(self) -> int:
        conversation = await self._conversation()
        assert conversation.ticket_id is not None, "the conversation has no case"
        return conversation.ticket_id + FIRST_NUMBER - 1

    async def _refused(self, code: str) -> None:
        refusal, self._refusal = self._refusal, None
        assert refusal == code, f"was refused: {refusal}"

    def _nothing_refused(self) -> None:
        assert self._refusal is None, f"{self._name}: nobody expected the refusal {self._refusal}"

    async def _noted(self, words: str) -> None:
        async with self._database.read() as session:
            query = select(TicketEvent.text).where(TicketEvent.type == EventType.NOTED)
            newest = await session.scalar(query.order_by(TicketEvent.id.desc()).limit(1))
        assert newest == words, f"was noted: {newest}"

    async def _case(self, words: str) -> None:
        """`KIND STATUS ASSIGNEE`, `-` for nobody."""
        async with self._database.read() as session:
            ticket = await session.get_one(Ticket, await self._number() - FIRST_NUMBER + 1)
            agent = await session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
        found = f"{ticket.kind.value} {ticket.status.value} {agent.name if agent else '-'}"
        assert found == words, f"is: {found}"
