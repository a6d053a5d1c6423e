"""Follow-ups: planning one day for up to a million customers, previewing 31 days, and how fast they go out.

`KEFU_BENCH_SMALL=1` leaves the million out; `KEFU_BENCH_PARTS=plan_1000000,send` runs these parts alone (or `preview`).
CPU is that of this process; PostgreSQL's own comes on top.
"""

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from conversations.admission import Admission
from conversations.contact_rules import CONTACT
from conversations.deliveries import Outcome, SendJob, Sent
from conversations.leases import new_worker_id
from conversations.models import Delivery
from conversations.outbox import OutboxLoop
from conversations.values import DeliveryState
from core.clock import SystemClock
from core.database import Database
from core.rulebook import Rulebook
from migrations.runner import migrate
from scheduler import programmes
from scheduler.dispatch import dispatch_due
from scheduler.models import FollowUp
from scheduler.occurrences import Span
from scheduler.planner import Office, plan_ahead
from scheduler.preview import Asked, preview
from scheduler.programme_rules import PROGRAMMES
from tests.integration.loops.books import until
from tests.support.clock import FakeClock
from tests.support.postgres import PostgresServer, running_postgres

SIZES = (10_000, 100_000, 1_000_000)
PREVIEWED, SENT = 100_000, 3_000
#: A day with a birthday and a holiday for everybody: 25 September 2026 is Mid-Autumn.
_NOW = datetime(2026, 9, 24, 4, 0, tzinfo=UTC)
_ACCOUNT = "test:bot"
_ON = ("birthday", "mid-autumn", "revisit", "win-back", "tier-up", "still-solved")


def main() -> None:
    is_small = bool(os.environ.get("KEFU_BENCH_SMALL"))
    parts: dict[str, tuple[Callable[..., None], int]] = {
        **{f"plan_{size}": (_plan, size) for size in (SIZES[:1] if is_small else SIZES)},
        "preview": (_preview, SIZES[0] if is_small else PREVIEWED),
        "send": (_send, SENT),
    }
    wanted = os.environ.get("KEFU_BENCH_PARTS", ",".join(parts)).split(",")
    with running_postgres() as server:
        for name in wanted:
            work, size = parts[name]
            _apart(work, _fresh(server, name), size)


def _fresh(server: PostgresServer, name: str) -> str:
    server.create(name)
    return server.url(name)


def _apart(work: Callable[..., None], *arguments: object) -> None:
    """In a process of its own, so that its memory is its own."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()


@contextmanager
def _timed(words: str) -> Iterator[None]:
    began, cpu = time.perf_counter(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    print(f"   {words}: {wall:.1f} s (own CPU {used:.1f} s), peak {peak:.0f} MB", flush=True)


def _office() -> Office:
    return Office(Rulebook([CONTACT, PROGRAMMES]), ZoneInfo("Asia/Shanghai"))


async def _open(url: str, size: int, now: datetime) -> tuple[Database, Office]:
    await migrate(url)
    database, office = Database(url), _office()
    await _fill(database, size)
    async with database.write() as session:
        for name in _ON:
            await programmes.enable(session, office, name, by="bench", now=now - timedelta(hours=1))
    return database, office


async def _fill(database: Database, size: int) -> None:
    """Customers of six zones with a birthday; two of three have agreed, half have an order of the last month."""
    statements = (
        "INSERT INTO customer (name, timezone, birthday, birthday_calendar, birthday_leap_month, phone_proven,"
        " email_proven, tags, preferences, chosen, tier, sample, version, created_at, updated_at)"
        " SELECT 'c' || n, (ARRAY[NULL, NULL, NULL, 'Asia/Shanghai', 'Europe/London', 'America/New_York'])[1 + n % 6],"
        " to_char(date '1950-01-01' + (n * 1009) % 20000, 'YYYY-MM-DD'), CASE n % 3 WHEN 0 THEN 'lunar' ELSE"
        " 'gregorian' END, false, false, false, '[]', '{}', '[]', 'standard', false, 1, timestamptz '2024-01-01',"
        " timestamptz '2024-01-01' FROM generate_series(1, :size) AS n",
        "INSERT INTO account (name, channel, data, created_at) VALUES ('test:bot', 'test', '{}', now())",
        "INSERT INTO channel_identity (customer_id, account, external_id, verified, reachable, last_seen_at,"
        " created_at) SELECT n, 'test:bot', n::text, true, true, timestamptz '2026-09-01', timestamptz '2024-01-01'"
        " FROM generate_series(1, :size) AS n",
        "INSERT INTO consent (customer_id, kind, given, source, by_customer, at, recorded_at)"
        " SELECT n, 'care', true, 'bench', false, timestamptz '2024-01-01', timestamptz '2024-01-01'"
        " FROM generate_series(1, :size) AS n WHERE n % 3 > 0",
        'INSERT INTO "order" (external_id, customer_id, items, status, placed_at, delivered_at, imported, sample,'
        " created_at, updated_at) SELECT 'A-' || n, n * 2, '[]', 'delivered', t, t + interval '3 days', false, false,"
        " t, t FROM (SELECT n, timestamptz '2026-09-24' - (n % 30) * interval '1 day' AS t"
        " FROM generate_series(1, :size / 2) AS n) AS o",
    )
    async with database.write() as session:
        for statement in statements:
            await session.execute(text(statement), {"size": size} if ":size" in statement else {})
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("VACUUM ANALYZE"))


def _plan(url: str, size: int) -> None:
    async def inside() -> None:
        database, office = await _open(url, size, _NOW)
        with _timed(f"a day for {size:,} customers planned, PostgreSQL"):
            planned = await plan_ahead(database, office, _NOW)
        with _timed("   looked at again 20 minutes later"):
            assert await plan_ahead(database, office, _NOW + timedelta(minutes=20)) < planned
        with _timed("   and 30 seconds after that"):
            await plan_ahead(database, office, _NOW + timedelta(minutes=20, seconds=30))
        await _change(database, _NOW + timedelta(minutes=21))
        with _timed("   and with a thousand files and orders changed"):
            await plan_ahead(database, office, _NOW + timedelta(minutes=40))
        async with database.read() as session:
            states = await session.execute(select(FollowUp.state, func.count()).group_by(FollowUp.state))
            print("   ", {state.value: count for state, count in states.all()})
        await database.close()

    asyncio.run(inside())


async def _change(database: Database, now: datetime) -> None:
    """A thousand customers' files, and as many orders."""
    async with database.write() as session:
        for table in ("customer", '"order"'):
            await session.execute(text(f"UPDATE {table} SET updated_at = :now WHERE id <= 1000"), {"now": now})


def _preview(url: str, size: int) -> None:
    async def inside() -> None:
        database, office = await _open(url, size, _NOW)
        with _timed(f"31 days for {size:,} customers previewed, PostgreSQL"):
            found = await preview(database, office, Asked(Span(_NOW, _NOW + timedelta(days=31))), _NOW)
        print("   ", len(found.rows), "rows:", found.counts())
        await database.close()

    asyncio.run(inside())


class _Loopback:
    """Says yes at once."""

    async def send(self, job: SendJob) -> Outcome:
        return Sent(str(job.id))


def _send(url: str, size: int) -> None:
    async def inside() -> None:
        noon = datetime(2026, 9, 25, 4, 0, tzinfo=UTC)
        database, office = await _open(url, size, noon - timedelta(hours=3))
        async with database.write() as session:
            fast = CONTACT.shipped.replace("first_day = 50", "first_day = 1000000")
            await office.rulebook.publish(
                session, CONTACT, fast, base=0, author="bench", note=None, now=SystemClock().now()
            )
        await plan_ahead(database, office, noon)
        with _timed("   dispatched"):
            await dispatch_due(database, office, noon)
        loop = OutboxLoop(
            database,
            FakeClock(noon),
            {_ACCOUNT: _Loopback()},
            new_worker_id(),
            admission=Admission(office.rulebook, office.zone),
        )
        with _timed("   sent by one outbox, 16 at once"):
            sending = asyncio.create_task(loop.run())
            await until(lambda: _is_over(database), seconds=600)
            loop.stop()
            await sending
        async with database.read() as session:
            states = await session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
            print("   ", {state.value: count for state, count in states.all()})
        await database.close()

    asyncio.run(inside())


async def _is_over(database: Database) -> bool:
    is_due = Delivery.due_at <= datetime(2026, 9, 25, 4, 0, tzinfo=UTC)
    busy = (Delivery.state == DeliveryState.SENDING) | ((Delivery.state == DeliveryState.PENDING) & is_due)
    async with database.read() as session:
        return await session.scalar(select(Delivery.id).where(busy).limit(1)) is None


if __name__ == "__main__":
    main()
