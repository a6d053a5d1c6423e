"""What the desk in Telegram works with, for one bot account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiogram import Bot

from bot.telegram.desk.wording import Wording, shared
from conversations.knowledge import Knowledge
from core.clock import Clock
from core.database import Database
from core.settings import Settings
from staff.models import Agent
from tickets.policy import Policies, Work


@dataclass(frozen=True, slots=True)
class Office:
    """`knowledge` finds articles as drafts, `policies` the rules of tickets."""

    bot: Bot
    database: Database
    clock: Clock
    settings: Settings
    account: str
    knowledge: Knowledge
    policies: Policies

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def wording(self) -> Wording:
        """In the language of what staff read together."""
        return shared(self.settings)

    def wording_for(self, agent: Agent | None) -> Wording:
        """In their own."""
        return Wording(agent.language, self.settings.timezone) if agent and agent.language else self.wording

    @asynccontextmanager
    async def work(self, actor: str) -> AsyncIterator[Work]:
        """A change, committed at the end of the block."""
        async with self.database.write() as session:
            yield await self.policies.work(session, self.now(), actor)
