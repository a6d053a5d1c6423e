"""Thirty customers write four messages a minute each, and a group takes twenty: nothing is lost, and how late it is."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

import pytest

from bot.telegram.door import Desk
from bot.telegram.limits import Rates
from conversations.desk import holding
from conversations.inbox import InboxPace
from conversations.outbox import OutboxPace
from conversations.service import Conversations
from core.database import Database
from core.settings import TelegramMode
from core.tasks import end
from staff import service as staff_service
from tests.integration.loops.books import until
from tests.support.knowledge import HandMadeKnowledge
from tests.support.policies import POLICIES
from tests.support.telegram_bot import AT_ONCE, BotPlan, RunningBot, running_bot
from tests.support.telegram_desk import GROUP, STAFF, claim, hire
from tests.telegram_server.clock import FastClock
from tests.telegram_server.people import Person
from tests.telegram_server.server import TelegramServer

#: Five seconds of the test are a minute of the desk.
_FASTER = 12.0
#: In the long run twenty: on a busy machine it is the group's limit that tells, not what the machine can do.
_STEADY = 3.0
_CUSTOMERS = 30
_A_MINUTE = 4


@asynccontextmanager
async def writing(bot: RunningBot) -> AsyncIterator[None]:
    """The desk's writer without its lease, whose length is the clock's, not the machine's."""
    assert bot.door.desk is not None
    task = asyncio.create_task(bot.door.desk.run())
    try:
        yield
    finally:
        await end(task)


async def open_topics(server: TelegramServer, bot: RunningBot, clock: FastClock) -> list[Person]:
    """Everybody asks for a person, and Li has taken them all; before the limits hold."""
    people = [server.customer(100 + n, f"C{n}", "zh") for n in range(_CUSTOMERS)]
    for person in people:
        person.says("人工")
    await server.log.until(lambda log: len(log.to(GROUP, "createForumTopic")) == _CUSTOMERS, within=60)
    await bot.idle(60)
    async with bot.database.write() as session:
        li = staff_service.as_actor(await staff_service.get_agent(session, "li"))
        work = await POLICIES.work(session, clock.now(), "li")
        for n in range(_CUSTOMERS):
            await holding.take(work, li, 1001 + n)
    return people


async def write(people: list[Person], clock: FastClock, minutes: int) -> dict[str, float]:
    """When each word was written."""
    written = {}
    for turn in range(minutes * _A_MINUTE):
        for n, person in enumerate(people):
            word = f"w{turn}c{n}x"
            written[word] = clock.monotonic()
            person.says(word)
        await clock.sleep(60 / _A_MINUTE)
    return written


def seen(server: TelegramServer, written: dict[str, float]) -> dict[str, float]:
    """How many seconds later each word stood in the group."""
    delays: dict[str, float] = {}
    for delivery in server.log.messages(GROUP):
        for line in delivery.text.splitlines():
            word = line.rpartition("：")[2]
            if word in written:
                delays.setdefault(word, delivery.at - written[word])
    return delays


def planned(clock: FastClock, faster: float, desk: Desk) -> BotPlan:
    """Time-outs and leases are the machine's, whatever the clock; who waits for its turn looks in the desk's time."""
    outbox = OutboxPace(tick=1.0 / faster, call=8 * faster, lease=12 * faster, account_lease=10 * faster)
    inbox = InboxPace(tick=1.0, lease=10 * faster)
    return BotPlan(TelegramMode.WEBHOOK, AT_ONCE, ("webhook",), inbox, outbox, clock=clock, desk=desk)


async def let_them_write(
    server: TelegramServer, database: Database, folder: Path, minutes: int, faster: float
) -> list[float]:
    clock = server.clock
    assert isinstance(clock, FastClock)
    knowledge = HandMadeKnowledge((), {})
    engine = Conversations(database, clock, knowledge, POLICIES)
    plan = planned(clock, faster, Desk(knowledge, POLICIES))
    server.group(GROUP, "Desk", is_forum=True)
    async with running_bot(server, database, engine.handle, folder, plan) as bot, writing(bot):
        await hire(database, clock, bot.door.account, STAFF[:1])
        await claim(database, clock, bot.door.account)
        people = await open_topics(server, bot, clock)
    server.world.limits.enforce()
    plan = replace(plan, rates=Rates())
    async with running_bot(server, database, engine.handle, folder, plan) as bot, writing(bot):
        written = await write(people, clock, minutes)
        await until(lambda: _is_all_there(server, written), 60)
    return list(seen(server, written).values())


async def _is_all_there(server: TelegramServer, written: dict[str, float]) -> bool:
    await asyncio.sleep(0)
    return len(seen(server, written)) == len(written)


async def play(database: Database, folder: Path, minutes: int, faster: float) -> float:
    """Seconds, of the desk's clock, within which 95 % of the words stood in the group."""
    clock = FastClock(faster)
    async with TelegramServer(clock, monotonic=clock.monotonic) as server:
        delays = await let_them_write(server, database, folder, minutes, faster)
        calls = [call for call in server.log.calls if call.chat_id == GROUP and call.status == 429]
        posts = sum(re.search(r"w\d+c\d+x", delivery.text) is not None for delivery in server.log.messages(GROUP))
        server.log.assert_obeyed()
    p50, p95 = quantiles(delays, n=20)[9], quantiles(delays, n=20)[-1]
    sys.stdout.write(f"{len(delays)} words in {posts} posts: seen after {p50:.0f} s (p50), {p95:.0f} s (p95)\n")
    assert len(delays) == minutes * _A_MINUTE * _CUSTOMERS
    assert not calls
    assert any("消息太多" in delivery.text for delivery in server.log.messages(GROUP)), "no digest told what was behind"
    assert posts < len(delays) / 2, "words of one topic were not bundled"
    return p95


async def test_nothing_is_lost_above_the_limit(database: Database, tmp_path: Path) -> None:
    await play(database, tmp_path, minutes=1, faster=_FASTER)


@pytest.mark.soak
async def test_nothing_is_lost_in_ten_minutes_above_the_limit(database: Database, tmp_path: Path) -> None:
    # Each topic's turn comes about every two minutes, and then all of its words are told.
    assert await play(database, tmp_path, minutes=10, faster=_STEADY) < 240
