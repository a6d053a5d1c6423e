"""The bot with the whole engine is killed, or asked to stop, again and again while customers write, press and complain.

The server's log is the judge of what reached them.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest

from bot.telegram.buttons import ButtonPress
from core.database import Database
from core.settings import TelegramMode
from tests.integration.loops.books import Books, nothing_waits, until
from tests.integration.loops.engine_books import read_engine_books
from tests.integration.telegram.arrivals import read_arrivals
from tests.integration.telegram.worker import WorkerPlan, running_worker
from tests.support.databases import DatabaseKind
from tests.support.whole_engine import STORY, prepare_shop
from tests.telegram_server.client import RemoteTelegramServer, telegram_process

_SEED = 20260302
POLLING, WEBHOOK = TelegramMode.POLLING, TelegramMode.WEBHOOK
End = Callable[[BaseProcess], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How often the bot is ended, and in how many chats at a time somebody goes through the story meanwhile."""

    ends: int
    chats: int
    per_second: float = 50

    @property
    def events(self) -> int:
        """Of so many chats."""
        return self.chats * len(STORY)

    def chat_of(self, number: int) -> int:
        """Chats take turns; when all have heard the end, others begin."""
        return 1 + number // self.events * self.chats + number % self.chats

    def chats_of(self, written: int) -> range:
        return range(1, 1 + -(-written // self.events) * self.chats)


SMALL = Size(ends=5, chats=10)
FULL = Size(ends=20, chats=50)
LONG = Size(ends=200, chats=500)


@pytest.fixture
def server() -> Iterator[RemoteTelegramServer]:
    with telegram_process() as running:
        yield running


class Customers(Thread):
    """People who go on with their stories, chat by chat, whatever becomes of the bot; some of them to the end.

    They pause while much of what they wrote waits: what is judged is a kill, not how fast a busy machine is. Once no
    more bots are ended they write the rest at once, for the last one to find.
    """

    def __init__(self, server_url: str, size: Size) -> None:
        super().__init__()
        self.written = 0
        self._server_url = server_url
        self._size = size
        self._ended = Event()

    def run(self) -> None:
        with closing(RemoteTelegramServer(self._server_url)) as server:
            while not self._ended.wait(1 / self._size.per_second) or self.written < self._size.events:
                if self._ended.is_set() or server.control("waiting") < 5 * self._size.chats:
                    self._act(server)
                    self.written += 1

    def _act(self, server: RemoteTelegramServer) -> None:
        user = {"user_id": self._size.chat_of(self.written)}
        deed = STORY[self.written // self._size.chats % len(STORY)]
        if deed.button:
            data = ButtonPress(button=deed.button).pack()
            server.control("act", does="presses_data", user=user, data=data, message_id=1)
        else:
            server.control("act", does="says", user=user, text=deed.text)

    def end(self) -> int:
        """How much they wrote and pressed."""
        self._ended.set()
        self.join()
        return self.written


def wait_until_it_answers(server: RemoteTelegramServer) -> None:
    """However long a busy machine takes to start it: what counts is how often one has looked."""
    before = server.control("state")["new_messages"]
    for _ in range(1000):
        if server.control("state")["new_messages"] > before:
            return
        time.sleep(0.02)
    raise AssertionError("the bot does not answer")


def end_while_they_write(
    server: RemoteTelegramServer, plan: WorkerPlan, size: Size, end: End, stock: bool = False
) -> int:
    """Lets a worker run a moment while customers write, ends it, starts the next. How much was written."""
    random, customers = Random(_SEED), Customers(server.url, size)
    customers.start()
    try:
        for _ in range(size.ends):
            with running_worker(plan, end, stock):
                wait_until_it_answers(server)
                time.sleep(random.uniform(0.0, 0.6))
    finally:
        written = customers.end()
    return written


async def run(server: RemoteTelegramServer, database: Database, plan: WorkerPlan, size: Size, end: End) -> Books:
    await prepare_shop(database, plan.folder)
    written = await asyncio.to_thread(end_while_they_write, server, plan, size, end)
    with running_worker(plan, BaseProcess.terminate):

        async def is_done() -> bool:
            return await asyncio.to_thread(server.control, "drained") and await nothing_waits(database)

        await until(is_done, seconds=60 + written / 10)
    arrived = await read_arrivals(server, database, size.chats_of(written))
    return await read_engine_books(database, written, arrived)


def plan_to_kill(server: RemoteTelegramServer, url: str, folder: Path, mode: TelegramMode) -> WorkerPlan:
    return WorkerPlan(url, server.url, folder, mode)


def plan_to_stop(server: RemoteTelegramServer, url: str, folder: Path, mode: TelegramMode) -> WorkerPlan:
    """With the product's own leases: who stops in good order gives them back."""
    return WorkerPlan(url, server.url, folder, mode, quick=False)


both_modes = pytest.mark.parametrize("mode", list(TelegramMode), ids=str)


# In CI each database in one mode, killed in the other than stopped; `make soak` does all on both.


@pytest.mark.db
async def test_killing_the_bot_loses_and_doubles_nothing(
    server: RemoteTelegramServer, database: Database, database_kind: DatabaseKind, database_url: str, tmp_path: Path
) -> None:
    mode = WEBHOOK if database_kind is DatabaseKind.POSTGRESQL else POLLING
    books = await run(server, database, plan_to_kill(server, database_url, tmp_path, mode), SMALL, BaseProcess.kill)
    assert books.wrongs == 0, books


@pytest.mark.db
async def test_stopping_the_bot_loses_nothing_and_sends_nothing_again(
    server: RemoteTelegramServer, database: Database, database_kind: DatabaseKind, database_url: str, tmp_path: Path
) -> None:
    mode = POLLING if database_kind is DatabaseKind.POSTGRESQL else WEBHOOK
    plan = plan_to_stop(server, database_url, tmp_path, mode)
    books = await run(server, database, plan, SMALL, BaseProcess.terminate)
    assert (books.wrongs, books.resent) == (0, 0), books


@pytest.mark.soak
@pytest.mark.db
@both_modes
async def test_killing_the_bot_20_times_while_1000_updates_pour_in_loses_and_doubles_nothing(
    server: RemoteTelegramServer, database: Database, database_url: str, tmp_path: Path, mode: TelegramMode
) -> None:
    books = await run(server, database, plan_to_kill(server, database_url, tmp_path, mode), FULL, BaseProcess.kill)
    assert books.wrongs == 0, books


@pytest.mark.soak
@pytest.mark.db
@both_modes
async def test_stopping_the_bot_20_times_while_1000_updates_pour_in_loses_nothing_and_sends_nothing_again(
    server: RemoteTelegramServer, database: Database, database_url: str, tmp_path: Path, mode: TelegramMode
) -> None:
    books = await run(server, database, plan_to_stop(server, database_url, tmp_path, mode), FULL, BaseProcess.terminate)
    assert (books.wrongs, books.resent) == (0, 0), books


@pytest.mark.soak
@pytest.mark.db
@both_modes
async def test_killing_the_bot_200_times_while_10000_updates_pour_in_loses_and_doubles_nothing(
    server: RemoteTelegramServer, database: Database, database_url: str, tmp_path: Path, mode: TelegramMode
) -> None:
    books = await run(server, database, plan_to_kill(server, database_url, tmp_path, mode), LONG, BaseProcess.kill)
    assert books.wrongs == 0, books
