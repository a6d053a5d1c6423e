"""Complaints opened a second, and a sweep over 100,000 open tickets: time, queries, memory.

`python -m benchmarks tickets`; SQLite in a scratch folder, PostgreSQL when its test server can be started.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, event, insert

from core.database import Database
from core.secretbox import SecretBox
from customers.models import Customer
from migrations.runner import migrate
from scheduler.jobs import Shop, end_silence, end_waits, keep_promises
from tests.support.clock import FakeClock
from tests.support.postgres import running_postgres
from tests.unit.tickets.shipped import SHANGHAI
from tickets.models import Ticket, TicketClock
from tickets.policy import Policies
from tickets.service import Complaint, open_complaint
from tickets.values import Count, Severity, Source, Target, TicketKind, TicketStatus

TICKETS, LATE, COMPLAINTS, AT_ONCE = 100_000, 1_000, 300, 8
_BATCH = 2_000


@dataclass
class Queries:
    count: int = 0


@contextmanager
def counted(database: Database) -> Iterator[Queries]:
    queries = Queries()

    def note(*_: object) -> None:
        queries.count += 1

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield queries
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure("SQLite", f"sqlite+aiosqlite:///{Path(folder) / 'kefu.db'}"))
    with running_postgres() as server:
        server.create("bench")
        asyncio.run(_measure("PostgreSQL", server.url("bench")))


async def _measure(name: str, url: str) -> None:
    await migrate(url)
    async with _shop(url) as shop:
        await _complaints(name, shop)
        await _fill(shop)
        await _sweeps(name, shop)


@asynccontextmanager
async def _shop(url: str) -> AsyncIterator[Shop]:
    database = Database(url)
    yield Shop(database, FakeClock(), Policies(SHANGHAI, SecretBox("a secret for benchmarks, of forty chars.")))
    await database.close()


async def _complaints(name: str, shop: Shop) -> None:
    """Each a customer's first, with the rules and clocks of the shipped text."""
    await _customers(shop, COMPLAINTS)
    waiting = iter(range(1, COMPLAINTS + 1))

    async def worker() -> None:
        for customer_id in waiting:
            async with shop.database.write() as session:
                work = await shop.policies.work(session, shop.clock.now(), "customer")
                await open_complaint(work, Complaint(customer_id=customer_id, text="茶罐破了，茶叶都洒了"))

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    print(f"{name}: {COMPLAINTS / (time.perf_counter() - began):,.0f} complaints opened a second")


async def _customers(shop: Shop, count: int) -> None:
    now = shop.clock.now()
    rows = [{"created_at": now, "updated_at": now, "tags": [], "chosen": []} for _ in range(count)]
    async with shop.database.write() as session:
        await session.execute(insert(Customer), rows)


async def _fill(shop: Shop) -> None:
    """Open tickets with a running promise each; LATE of them are over their time in an hour."""
    now = shop.clock.now()
    for start in range(0, TICKETS, _BATCH):
        ids = range(10_000 + start, 10_000 + start + _BATCH)
        async with shop.database.write() as session:
            await session.execute(insert(_table(Ticket)), [_ticket(number, now) for number in ids])
            await session.execute(insert(_table(TicketClock)), [_clock(number, now) for number in ids])


def _table(model: Any) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _ticket(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number, "kind": TicketKind.COMPLAINT, "status": TicketStatus.OPEN, "severity": Severity.NORMAL,
        "priority": 3, "subject": "broken", "customer_id": 1 + number % COMPLAINTS, "source": Source.CHAT,
        "opened_at": now, "status_at": now, "spoke_at": now, "updated_at": now,
    }  # fmt: skip


def _clock(number: int, now: datetime) -> dict[str, Any]:
    due = now + (timedelta(minutes=30) if number % (TICKETS // LATE) == 0 else timedelta(days=2))
    return {
        "ticket_id": number, "target": Target.RESOLUTION, "rule": "tickets@0/everybody", "within_seconds": 86400.0,
        "count": Count.OPEN_DAYS, "warn_at": 0.75, "spent_seconds": 0.0, "since": now, "due_at": due,
        "warn_due_at": due - timedelta(minutes=10),
    }  # fmt: skip


async def _sweeps(name: str, shop: Shop) -> None:
    await _sweep(f"{name}: {TICKETS:,} open, nothing late", shop)
    assert isinstance(shop.clock, FakeClock)
    shop.clock.advance(hours=1)
    await _sweep(f"{name}: {TICKETS:,} open, {LATE:,} late", shop)


async def _sweep(what: str, shop: Shop) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    with counted(shop.database) as queries:
        done = [await job(shop) for job in (keep_promises, end_waits, end_silence)]
    took = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{what}: {sum(done):,} noted in {took:.2f} s, {queries.count:,} queries, +{grown:.0f} MB")


if __name__ == "__main__":
    main()
