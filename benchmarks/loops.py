"""What the inbox and the outbox cost by themselves: a handler that only notes and answers, a channel that only listens.

`python -m benchmarks.loops` prints a row for each database and rate; run it on one core with `taskset -c 0`.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from conversations.deliveries import Outcome, SendJob, Sent
from conversations.inbox import InboxLoop
from conversations.leases import new_worker_id
from conversations.outbox import OutboxLoop
from core.clock import SystemClock
from core.database import Database
from core.listeners import listen
from migrations.runner import migrate
from tests.integration.loops.books import until
from tests.integration.loops.running import running
from tests.integration.loops.worker import ACCOUNT, Handler, decode, prepare, store
from tests.support.postgres import running_postgres

#: Events a second that come in (0: each as soon as the last one is stored), and how many.
RATES = {0: 1000, 20: 200, 100: 1000}
_BARE_COMMITS = 500


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in milliseconds, from the arrival of an event to the call that answers it. CPU is this process's."""

    rate: int
    per_second: float
    p50: float
    p99: float
    cpu_per_event: float
    commits_per_event: float


class Listener:
    """A channel that notes when each event was answered."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}

    async def send(self, job: SendJob) -> Outcome:
        self.at |= dict.fromkeys(job.payload["answers"], time.perf_counter())
        return Sent()

    def has_answered(self, total: int) -> Callable[[], Awaitable[bool]]:
        async def is_so() -> bool:
            return len(self.at) == total

        return is_so


async def measure(database: Database, rate: int, total: int) -> Figures:
    """Sends `total` events through the loops. Each has a chat of its own."""
    channel, came = Listener(), dict[int, float]()
    async with _loops(database, channel):
        commits, cpu, began = database.own_commits, time.process_time(), time.perf_counter()
        async for number in _paced(rate, total):
            came[number] = time.perf_counter()
            async with database.write() as session:
                await store(session, number, total)
        await until(channel.has_answered(total), seconds=60)
        took = max(channel.at.values()) - began
    waits = sorted((channel.at[number] - came[number]) * 1000 for number in came)
    return Figures(
        rate,
        total / took,
        waits[total // 2],
        waits[total * 99 // 100],
        (time.process_time() - cpu) * 1000 / total,
        (database.own_commits - commits) / total,
    )


@asynccontextmanager
async def _loops(database: Database, channel: Listener) -> AsyncIterator[None]:
    clock, worker_id = SystemClock(), new_worker_id()
    inbox = InboxLoop(database, clock, {"test": decode}, Handler(database), worker_id)
    outbox = OutboxLoop(database, clock, {ACCOUNT: channel}, worker_id)
    listening = asyncio.create_task(listen(database))
    async with running(inbox, outbox):
        await asyncio.sleep(0.2)
        yield
    listening.cancel()


async def _paced(rate: int, total: int) -> AsyncIterator[int]:
    began = time.perf_counter()
    for number in range(total):
        if rate:
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        yield number


async def bare_commits_per_second(database: Database) -> float:
    """Transactions of one update each, one after the other."""
    began = time.perf_counter()
    for _ in range(_BARE_COMMITS):
        async with database.write() as session:
            await session.execute(text("UPDATE account SET created_at = created_at"))
    return _BARE_COMMITS / (time.perf_counter() - began)


async def measure_all(name: str, url: str) -> None:
    await migrate(url)
    database = Database(url)
    await prepare(database)
    print(f"{name}: {await bare_commits_per_second(database):.0f} bare commits/s")
    for rate, total in RATES.items():
        async with database.write() as session:
            await session.execute(text("DELETE FROM delivery"))
            await session.execute(text("DELETE FROM inbox_event"))
        print(_row(await measure(database, rate, total)))
    await database.close()


def _row(found: Figures) -> str:
    rate = f"{found.rate}/s" if found.rate else "flood"
    waits = f"p50 {found.p50:6.1f} ms  p99 {found.p99:6.1f} ms"
    cost = f"CPU {found.cpu_per_event:.2f} ms and {found.commits_per_event:.1f} commits an event"
    return f"  {rate:>6}: {found.per_second:5.0f}/s  {waits}  {cost}"


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        server.create("loops")
        yield {"SQLite": f"sqlite+aiosqlite:///{Path(folder) / 'loops.db'}", "PostgreSQL": server.url("loops")}


def main() -> None:
    with _databases() as databases:
        for name, url in databases.items():
            asyncio.run(measure_all(name, url))


if __name__ == "__main__":
    main()
