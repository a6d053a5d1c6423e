"""A desk in a group of the test server: people who work there, their customer, and what stands on each screen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.telegram.door import Desk
from bot.telegram.models import DeskTopic
from conversations.held_replies import HeldReplies
from conversations.knowledge import Knowledge
from conversations.models import Delivery
from conversations.service import Conversations
from core.clock import Clock
from core.database import Database
from staff import desks, linking
from staff import service as staff_service
from staff.values import Role
from tests.integration.loops.books import until
from tests.support.policies import POLICIES
from tests.support.telegram_bot import BotPlan, RunningBot, RunningClock, running_bot
from tests.telegram_server.chats import Topic
from tests.telegram_server.log import Delivery as Delivered
from tests.telegram_server.people import Done, Person
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.values import Json
from tickets.models import id_of

GROUP = -1001234567
ANNA = 71
#: Name, alias, role, Telegram's number.
STAFF = (("li", "小李", Role.AGENT, 501), ("chen", "小陈", Role.AGENT, 502), ("sue", "苏主管", Role.SUPERVISOR, 503))


@dataclass(slots=True)
class TelegramFloor:
    """`people` in the group, by name. Nothing is written there but in `settled`, so that tests need not wait."""

    server: TelegramServer
    database: Database
    clock: RunningClock
    bot: RunningBot
    anna: Person
    people: dict[str, Person] = field(default_factory=dict)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def settled(self) -> None:
        """Returns once everything that can happen now has happened."""
        assert self.bot.door.desk is not None
        assert await self.server.updates.drained(10)
        async with self.writing:
            while True:
                await self.bot.idle()
                before = await self._count()
                await self.bot.door.desk.write_due()
                if await self._count() == before:
                    return

    async def _count(self) -> int:
        async with self.database.read() as session:
            return await session.scalar(select(func.count()).select_from(Delivery)) or 0

    async def later(self, seconds: float = 11) -> None:
        """Time passes, and what was held goes out."""
        self.clock.advance(seconds)
        await HeldReplies(self.database, self.clock, POLICIES)._round()
        await self.settled()

    async def customer_says(self, text: str) -> Done:
        done = self.anna.says(text)
        await self.settled()
        return done

    async def types(self, who: str, text: str, number: int = 1001, *, reply_to: int | None = None) -> Done:
        """Somebody writes in the topic of a case; in a plain group, in answer to its card."""
        topic = await self.topic(number)
        if topic is None:
            done = self.people[who].says(text, reply_to=reply_to)
        elif topic.thread is None:
            done = self.people[who].says(text, reply_to=reply_to or topic.card)
        else:
            done = self.people[who].says(text, thread=topic.thread, reply_to=reply_to)
        await self.settled()
        return done

    async def presses(self, who: str, label: str) -> str:
        """The toast that they read."""
        return await self.toast(self.people[who].presses(label))

    async def toast(self, query: str) -> str:
        """What whoever pressed a button reads, once it has been handled."""
        await self.settled()
        await until(lambda: self._is_answered(query), 5)
        return str(self.server.world.presses[query].answers[0].get("text") or "")

    async def _is_answered(self, query: str) -> bool:
        return bool(self.server.world.presses[query].answers)

    async def topic(self, number: int = 1001) -> DeskTopic | None:
        async with self.database.read() as session:
            return await session.scalar(select(DeskTopic).where(DeskTopic.ticket_id == id_of(number)))

    async def shown_topic(self, number: int = 1001) -> Topic:
        topic = await self.topic(number)
        assert topic is not None
        assert topic.thread is not None
        return self.server.world.chats[GROUP].topics[topic.thread]

    async def screen(self, number: int = 1001) -> list[Json]:
        """The messages of a case's topic as they stand now, without those of Telegram itself."""
        topic = await self.topic(number)
        assert topic is not None
        shown = [one for one in self.server.screen(GROUP) if not any(key.startswith("forum") for key in one)]
        if topic.thread is not None:
            return [one for one in shown if one.get("message_thread_id") == topic.thread]
        return [one for one in shown if one.get("reply_to_message", {}).get("message_id") == topic.card]

    async def words(self, number: int = 1001) -> list[str]:
        return [str(one.get("text") or one.get("caption") or "") for one in await self.screen(number)]

    def heard(self) -> list[str]:
        """What stands on the customer's screen from the bot's side."""
        bot = self.server.world.bot["id"]
        shown = [one for one in self.server.screen(ANNA) if one["from"]["id"] == bot]
        return [str(one.get("text") or one.get("caption") or "") for one in shown]

    def mark(self, done: Done) -> str:
        """The reaction below a message of the group."""
        shown = self.server.world.chats[GROUP].messages[done.message_id].get("reactions", [])
        return "".join(str(each.get("emoji")) for each in shown)

    def general(self) -> list[Delivered]:
        """What was posted outside topics."""
        return [d for d in self.server.log.messages(GROUP) if not d.message.get("message_thread_id")]


async def hire(database: Database, clock: Clock, account: str, staff: Sequence[Any] = STAFF) -> None:
    """Everybody with their own account in Telegram."""
    async with database.write() as session:
        for name, alias, role, user_id in staff:
            await staff_service.add_agent(session, name, role, by="test", now=clock.now(), alias=alias)
            link = await linking.start(session, name, by="test", now=clock.now())
            await linking.redeem(session, account, str(user_id), link.code, clock.now())


async def claim(database: Database, clock: Clock, account: str, group: int = GROUP) -> None:
    async with database.write() as session:
        made = await desks.make_code(session, by="test", now=clock.now())
        await desks.claim(
            session, made.code, account=account, chat=str(group), title="Desk", by="test", now=clock.now()
        )


@asynccontextmanager
async def telegram_floor(
    database: Database, knowledge: Knowledge, folder: Path, *, is_forum: bool = True, language: str = "zh"
) -> AsyncIterator[TelegramFloor]:
    """A group that is a desk with three people in it, and a customer."""
    clock = RunningClock()
    async with TelegramServer(clock) as server:
        engine = Conversations(database, clock, knowledge, POLICIES)
        desk = Desk(knowledge, POLICIES)
        settings = (("staff_language", language),)
        plan = BotPlan(clock=clock, loops=("poller", "files"), desk=desk, settings=settings)
        async with running_bot(server, database, engine.handle, folder, plan) as bot:
            server.group(GROUP, "Desk", is_forum=is_forum)
            await hire(database, clock, bot.door.account)
            await claim(database, clock, bot.door.account)
            people = {name: server.member(GROUP, user_id, alias) for name, alias, _, user_id in STAFF}
            anna = server.customer(ANNA, "Anna", "zh")
            floor = TelegramFloor(server, database, clock, bot, anna, people)
            await floor.settled()
            yield floor
