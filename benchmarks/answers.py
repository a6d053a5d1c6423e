"""Whole answers on one core: a question or a press in, the bot's words out, through the push channel and sockets.

Each rate is printed beside what the database alone can commit, since that is the floor nobody gets under. The sample
shop answers. "flood": as fast as they can be sent; else that many a second. The core is Kefu's own: browsers and the
PostgreSQL server have another where there is one.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks._browsers import CHATS, PATIENCE, QUESTIONS
from benchmarks.loops import bare_commits_per_second
from bot.bootstrap.first_start import load_sample_once
from bot.bootstrap.loops import running_loops
from bot.bootstrap.services import Services, build_services
from bot.bootstrap.web_app import build_site
from conversations import inbox, repository
from conversations.channels import TEST
from conversations.deliveries import Outcome, SendJob, Sent
from conversations.values import Event, Pressed, Said, Visitor
from core.clock import SystemClock
from core.database import Database
from core.logs import configure_logs
from core.settings import LogFormat, Settings
from migrations.runner import migrate
from tests.support.app import SECRET, listening
from tests.support.postgres import running_postgres

ACCOUNT = "test:bench"
_CORES = os.sched_getaffinity(0)
_FLOOD = 600
_STEADY_RATE, _STEADY = 20, 300


@dataclass(frozen=True, slots=True)
class Figures:
    """`waits`: seconds from an event's arrival to the bot's first word, sorted. `cpu`: this process's seconds each."""

    per_second: float
    waits: list[float]
    cpu: float

    def row(self, name: str) -> str:
        p50, p99 = (self.waits[int((len(self.waits) - 1) * share)] * 1000 for share in (0.5, 0.99))
        rate = f"{self.per_second:6.0f}/s"
        return f"  {name:<28} {rate}  p50 {p50:7.1f} ms  p99 {p99:7.1f} ms  CPU {self.cpu * 1000:5.1f} ms each"


class Ear:
    """A push channel that notes when each chat was answered, and the newest button of each."""

    def __init__(self) -> None:
        self.answered: dict[str, list[float]] = {}
        self.buttons: dict[str, str] = {}
        self._news: dict[str, asyncio.Event] = {}

    async def send(self, job: SendJob) -> Outcome:
        self.answered.setdefault(job.lane, []).append(time.perf_counter())
        self._news.setdefault(job.lane, asyncio.Event()).set()
        for button in job.payload.get("buttons") or ():
            self.buttons[job.lane] = button["id"]
        return Sent(str(job.id))

    async def until_answered(self, person: str, more_than: int) -> None:
        """Returns once `person` has heard more than so many messages."""
        while len(self.answered.get(person, ())) <= more_than:
            news = self._news.setdefault(person, asyncio.Event())
            news.clear()
            await news.wait()


Make = Callable[[int, str], Event]


async def through_push(services: Services, ear: Ear, make: Make, total: int, rate: int) -> Figures:
    """Sends `total` events to the test channel, each chat's next one only once its last was answered."""
    came: list[float] = []
    waits: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()

    async def chat(number: int) -> None:
        person = f"chat {number}"
        for turn in range(number, total, CHATS):
            if rate:
                await asyncio.sleep(max(0.0, began + turn / rate - time.perf_counter()))
            heard = len(ear.answered.get(person, ()))
            start = time.perf_counter()
            came.append(start)
            await _receive(services, make(turn, person))
            await ear.until_answered(person, heard)
            waits.append(ear.answered[person][heard] - start)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as chats:
        for number in range(CHATS):
            chats.create_task(chat(number))
    took = time.perf_counter() - began
    return Figures(total / took, sorted(waits), (time.process_time() - cpu) / total)


async def _receive(services: Services, event: Event) -> None:
    async with services.database.write() as session:
        await inbox.receive(
            session,
            account=ACCOUNT,
            external_id=event.message_id,  # type: ignore[union-attr]
            lane=event.visitor.external_id,
            raw=event.model_dump(mode="json"),
            now=event.at,
        )


def question(turn: int, person: str) -> Event:
    text = QUESTIONS[turn % len(QUESTIONS)]
    now = SystemClock().now()
    return Said(visitor=Visitor(external_id=person), at=now, message_id=f"q{time.perf_counter_ns()}", text=text)


def presses(ear: Ear) -> Make:
    def press(_turn: int, person: str) -> Event:
        now = SystemClock().now()
        name = f"p{time.perf_counter_ns()}"
        return Pressed(visitor=Visitor(external_id=person), at=now, message_id=name, button=ear.buttons[person])

    return press


async def through_sockets(url: str, total: int) -> Figures:
    """Browsers in a process of their own, on another core where there is one: the figures are the server's."""
    cpu = time.process_time()
    command = (sys.executable, "-m", "benchmarks._browsers", url, str(total), str(max(_CORES)))
    browsers = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await browsers.communicate()
    found = json.loads(printed)
    each = (time.process_time() - cpu) / total
    return Figures(total / found["took"], sorted(found["waits"]), each)


@asynccontextmanager
async def _open_shop(url: str, folder: Path, ear: Ear) -> AsyncIterator[Services]:
    await migrate(url)
    database, clock = Database(url), SystemClock()
    values = {"database_url": url, "data_dir": folder, "secret": SECRET, "messages_per_minute": 100_000}
    settings = Settings.model_validate(values)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await load_sample_once(database, clock, settings)
        async with database.write() as session:
            await repository.ensure_account(session, ACCOUNT, TEST, clock.now())
        services = await build_services(settings, clock, database)
        stack.push_async_callback(services.knowledge.close)
        await stack.enter_async_context(running_loops(services, {ACCOUNT: ear}))
        yield services


async def measure(name: str, url: str, folder: Path) -> None:
    ear = Ear()
    async with _open_shop(url, folder, ear) as services:
        print(f"{name}: {await bare_commits_per_second(services.database):.0f} bare commits/s", flush=True)
        steps: tuple[tuple[str, Callable[[], Awaitable[Figures]]], ...] = (
            ("questions, push, flood", lambda: through_push(services, ear, question, _FLOOD, 0)),
            ("presses, push, flood", lambda: through_push(services, ear, presses(ear), _FLOOD, 0)),
            ("questions, push, 20/s", lambda: through_push(services, ear, question, _STEADY, _STEADY_RATE)),
        )
        for step, run in steps:
            print((await run()).row(step), flush=True)
        site = build_site(services)
        async with site.running(), listening(site) as address:
            print((await through_sockets(address, _FLOOD)).row("questions, sockets, flood"), flush=True)


def main() -> None:
    configure_logs(LogFormat.CONSOLE, level=logging.ERROR)
    os.sched_setaffinity(0, {max(_CORES)})
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        server.create("answers")
        os.sched_setaffinity(0, {min(_CORES)})
        files = Path(folder)
        for name, url in (
            ("SQLite", f"sqlite+aiosqlite:///{files / 'answers.db'}"),
            ("PostgreSQL", server.url("answers")),
        ):
            (files / name).mkdir()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `kefu run` does
                runner.run(measure(name, url, files / name))


if __name__ == "__main__":
    main()
