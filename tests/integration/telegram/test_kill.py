"""The bot is killed, or asked to stop, again and again while customers write; the server's log is the judge."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest
from sqlalchemy import select

from conversations.models import Delivery
from conversations.values import DeliveryState
from core.database import Database
from core.settings import TelegramMode
from tests.integration.loops.books import nothing_waits, until
from tests.integration.telegram.worker import WorkerPlan, running_worker
from tests.support.echo_engine import EFFECTS, prepare_echo
from tests.telegram_server.client import RemoteTelegramServer, telegram_process

_SEED = 20260302
_CHATS = 25


@dataclass(frozen=True, slots=True)
class Books:
    """Counts of wrongs; a sound run has none. `resent` is what the outbox itself lists as perhaps doubled.

    `given_up`: words whose reply was cut off twice and is listed to staff as unknown; they are not lost.
    """

    unanswered: int
    double_effects: int
    out_of_order: int
    answered_twice_unlisted: int
    resent: int
    given_up: int

    @property
    def wrongs(self) -> int:
        return self.unanswered + self.double_effects + self.out_of_order + self.answered_twice_unlisted


@pytest.fixture
def server() -> Iterator[RemoteTelegramServer]:
    with telegram_process() as running:
        running.control("open_chats", ids=list(range(1, _CHATS + 1)))
        yield running


class Customers(Thread):
    """People who go on writing, in chats by turns, whatever becomes of the bot: "n0", "n1", ..."""

    def __init__(self, server_url: str) -> None:
        super().__init__()
        self.written = 0
        self._server_url = server_url
        self._ended = Event()

    def run(self) -> None:
        with closing(RemoteTelegramServer(self._server_url)) as server:
            while not self._ended.wait(0.01):
                user = {"user_id": 1 + self.written % _CHATS}
                server.control("act", does="says", user=user, text=f"n{self.written}")
                self.written += 1

    def end(self) -> int:
        """How many messages they wrote."""
        self._ended.set()
        self.join()
        return self.written


def wait_until_it_answers(server: RemoteTelegramServer) -> None:
    """However long a busy machine takes to start it."""
    before = server.control("state")["new_messages"]
    deadline = time.monotonic() + 20
    while server.control("state")["new_messages"] == before:
        assert time.monotonic() < deadline, "the bot does not answer"
        time.sleep(0.01)


def end_while_they_write(
    server: RemoteTelegramServer, plan: WorkerPlan, ends: int, end: Callable[[BaseProcess], None], stock: bool = False
) -> int:
    """Lets a worker run a moment while customers write, ends it, starts the next. How many messages were written."""
    random, customers = Random(_SEED), Customers(server.url)
    customers.start()
    try:
        for _ in range(ends):
            with running_worker(plan, end, stock):
                wait_until_it_answers(server)
                time.sleep(random.uniform(0.0, 0.6))
    finally:
        customers.end()
    return customers.written


async def read_books(server: RemoteTelegramServer, database: Database, written: int) -> Books:
    async with database.read() as session:
        effects = (await session.execute(select(EFFECTS.c.lane, EFFECTS.c.words).order_by(EFFECTS.c.id))).all()
        resent = (await session.scalars(select(Delivery.payload).where(Delivery.resent))).all()
        unknown = (await session.scalars(select(Delivery.payload).where(Delivery.state == DeliveryState.UNKNOWN))).all()
    doubtful = {word for payload in resent for word in payload["text"].split(" | ")}
    listed = {word for payload in unknown for word in payload["text"].split(" | ")}
    seen = Counter(word for chat in range(1, _CHATS + 1) for word in words_to(server, chat))
    wrote = [f"n{number}" for number in range(written)]
    by_lane: dict[str, list[int]] = {}
    for lane, word in effects:
        by_lane.setdefault(lane, []).append(int(word[1:]))
    return Books(
        unanswered=sum(1 for word in wrote if not seen[word] and word not in listed),
        double_effects=len(effects) - len({word for _, word in effects}),
        out_of_order=sum(a > b for numbers in by_lane.values() for a, b in pairwise(numbers)),
        answered_twice_unlisted=sum(1 for word, count in seen.items() if count > 1 and word not in doubtful),
        resent=len(resent),
        given_up=sum(1 for word in listed if not seen[word]),
    )


def words_to(server: RemoteTelegramServer, chat: int) -> list[str]:
    return [word for text in server.texts(chat) for word in text.split(" | ")]


async def run(
    server: RemoteTelegramServer, database: Database, plan: WorkerPlan, ends: int, end: Callable[[BaseProcess], None]
) -> Books:
    await prepare_echo(database)
    written = await asyncio.to_thread(end_while_they_write, server, plan, ends, end)
    with running_worker(plan, BaseProcess.terminate):

        async def is_done() -> bool:
            return await asyncio.to_thread(server.control, "drained") and await nothing_waits(database)

        await until(is_done, seconds=60 + written / 10)
    return await read_books(server, database, written)


def plan_for(server: RemoteTelegramServer, url: str, folder: Path, mode: TelegramMode) -> WorkerPlan:
    return WorkerPlan(url, server.url, folder, mode)


@pytest.mark.parametrize("mode", list(TelegramMode), ids=str)
async def test_killing_the_bot_loses_and_doubles_nothing(
    server: RemoteTelegramServer, database: Database, database_url: str, tmp_path: Path, mode: TelegramMode
) -> None:
    books = await run(server, database, plan_for(server, database_url, tmp_path, mode), 6, BaseProcess.kill)
    assert books.wrongs == 0, books


@pytest.mark.parametrize("mode", list(TelegramMode), ids=str)
async def test_stopping_the_bot_loses_nothing_and_sends_nothing_again(
    server: RemoteTelegramServer, database: Database, database_url: str, tmp_path: Path, mode: TelegramMode
) -> None:
    books = await run(server, database, plan_for(server, database_url, tmp_path, mode), 5, BaseProcess.terminate)
    assert (books.wrongs, books.resent) == (0, 0), books


@pytest.mark.soak
@pytest.mark.db
@pytest.mark.parametrize("mode", list(TelegramMode), ids=str)
async def test_killing_the_bot_200_times_loses_and_doubles_nothing(
    server: RemoteTelegramServer, database: Database, database_url: str, tmp_path: Path, mode: TelegramMode
) -> None:
    books = await run(server, database, plan_for(server, database_url, tmp_path, mode), 200, BaseProcess.kill)
    assert books.wrongs == 0, books
