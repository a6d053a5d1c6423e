"""A shop with two articles, one agent, and customers who write to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from conversations.service import Conversations
from core.database import Database
from knowledge_base.values import IndexedArticle
from staff.models import Agent
from staff.values import Actor, Role
from tests.support.clock import FakeClock
from tests.support.doors import DirectDoor
from tests.support.knowledge import HandMadeKnowledge, answer
from tests.support.policies import POLICIES
from tickets.policy import Work

RETURNS = IndexedArticle("returns", "zh", 3, "怎么退货？", (), "七天内可以退。", "售后")
LONG = IndexedArticle("long", "zh", 1, "全部规则？", (), "规则很多。" * 1500, "售后")
RESULTS = {"怎么退货": answer(RETURNS), "全部规则": answer(LONG)}


@dataclass(frozen=True, slots=True)
class Shop:
    """`door` opens another customer's way in, on a channel of the given kind."""

    database: Database
    clock: FakeClock
    knowledge: HandMadeKnowledge
    conversations: Conversations
    door: Callable[..., DirectDoor]

    async def hire(self, name: str, role: Role = Role.AGENT, alias: str | None = None) -> Actor:
        async with self.database.write() as session:
            agent = Agent(name=name, role=role, alias=alias, created_at=self.clock.now())
            session.add(agent)
            await session.flush()
            return Actor(agent.id, agent.name, agent.role, agent.alias)

    @asynccontextmanager
    async def work(self, actor: Actor) -> AsyncIterator[Work]:
        """One transaction of somebody at the desk."""
        async with self.database.write() as session:
            yield await POLICIES.work(session, self.clock.now(), actor.name)


def make_shop(database: Database, clock: FakeClock) -> Shop:
    knowledge = HandMadeKnowledge([RETURNS, LONG], RESULTS)
    conversations = Conversations(database, clock, knowledge, POLICIES)

    def door(visitor: str = "visitor", channel: str = "terminal", language: str | None = "zh") -> DirectDoor:
        return DirectDoor(database, clock, conversations, language, channel, visitor)

    return Shop(database, clock, knowledge, conversations, door)


@pytest.fixture
def shop(database: Database, clock: FakeClock) -> Shop:
    return make_shop(database, clock)
