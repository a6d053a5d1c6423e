"""Two hundred chats, and one whose handler is stuck: nobody waits for anybody else, and every chat keeps its order."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from time import monotonic

import pytest

from conversations.batches import Batch, Handler
from conversations.values import Said
from core.clock import SystemClock
from core.database import Database
from tests.integration.loops.books import until
from tests.support.echo_engine import EchoEngine, prepare_echo
from tests.support.measuring import within
from tests.support.telegram_bot import BotPlan, running_bot
from tests.telegram_server.server import TelegramServer


class Watched:
    """A handler that is stuck in the chat `stuck` until `free`, and notes when it read what."""

    def __init__(self, inner: Handler, stuck: int, free: Callable[[], Awaitable[object]]) -> None:
        self._inner = inner
        self._stuck = stuck
        self._free = free
        self.read_at: dict[int, list[tuple[int, float]]] = defaultdict(list)

    async def __call__(self, batch: Batch) -> object:
        if batch.lane == str(self._stuck) and self._stuck not in self.read_at:
            self.read_at[self._stuck] = []
            await self._free()
        result = await self._inner(batch)
        for item in batch.items:
            if isinstance(item.event, Said):
                self.read_at[int(batch.lane)].append((int(item.event.text), monotonic()))
        return result

    def count(self) -> int:
        return sum(len(read) for read in self.read_at.values())

    def assert_order_kept(self, chats: range, each: int) -> None:
        assert {chat: len(read) for chat, read in self.read_at.items()} == dict.fromkeys(chats, each)
        for read in self.read_at.values():
            assert all(a < b for (a, _), (b, _) in pairwise(read))


async def write(server: TelegramServer, chats: range, each: int, per_second: float) -> dict[tuple[int, int], float]:
    """Every chat writes `each` messages, by turns; when each was written."""
    written = {}
    people = {chat: server.customer(chat) for chat in chats}
    for number in range(each):
        for chat, person in people.items():
            person.says(str(number))
            written[chat, number] = monotonic()
            await asyncio.sleep(1 / per_second)
    return written


@pytest.mark.db
async def test_a_stuck_chat_holds_up_no_other_and_no_order_is_lost(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    """However slow the machine: all others are through before the stuck one goes on."""
    await prepare_echo(database)
    chats, each = range(1, 31), 8
    all_others_are_through = asyncio.Event()
    watched = Watched(EchoEngine(database, SystemClock()), chats[0], all_others_are_through.wait)
    async with running_bot(server, database, watched, tmp_path, BotPlan()) as bot:
        await write(server, chats, each, per_second=150)
        await until(lambda: has_read(watched, (len(chats) - 1) * each), 60)
        assert watched.read_at[chats[0]] == []
        all_others_are_through.set()
        await bot.idle(60)
    watched.assert_order_kept(chats, each)


async def has_read(watched: Watched, count: int) -> bool:
    return watched.count() >= count


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many chats write `each` messages, by turns, while the first is `stuck_for` seconds."""

    chats: int
    each: int
    stuck_for: float
    per_second: float

    async def judge(self, server: TelegramServer, database: Database, folder: Path, number: int) -> float:
        """The 95th percentile of the others' delays in seconds, with chats of its own for each `number`."""
        chats = range(number * 1000 + 1, number * 1000 + 1 + self.chats)
        watched = Watched(EchoEngine(database, SystemClock()), chats[0], partial(asyncio.sleep, self.stuck_for))
        async with running_bot(server, database, watched, folder, BotPlan()) as bot:
            written = await write(server, chats, self.each, self.per_second)
            assert await server.updates.drained(30)
            await bot.idle(self.stuck_for + 60)
        watched.assert_order_kept(chats, self.each)
        others = ((chat, read) for chat, read in watched.read_at.items() if chat != chats[0])
        delays = [at - written[chat, n] for chat, read in others for n, at in read]
        return quantiles(delays, n=20)[-1]


@pytest.mark.soak
@pytest.mark.db
async def test_two_hundred_chats_with_one_stuck_for_30_seconds(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    await prepare_echo(database)
    crowd = Crowd(chats=200, each=50, stuck_for=30, per_second=100)
    await within(1, lambda number: crowd.judge(server, database, tmp_path, number))
