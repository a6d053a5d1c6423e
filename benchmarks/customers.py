"""Customers: how fast a file of 100,000 goes in, and how fast the bot answers meanwhile; how long a million take to be
placed in tiers and stages.

`KEFU_BENCH_SMALL=1` leaves the million out.
"""

import asyncio
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core.clock import SystemClock
from core.database import Database
from core.rulebook import Rulebook
from customers.imports import CustomerImport, ImportOptions, OrderImport
from customers.segment_refresh import refresh
from customers.segment_rules import SEGMENTS
from migrations.runner import migrate
from staff.values import Role
from tests.support.app import make_settings, running_app
from tests.support.postgres import PostgresServer, running_postgres

ROWS = 100_000
SIZES = (10_000, 100_000, 1_000_000)
_ORDERS_EACH = 3
_EVERY = 0.5
_ZONE = ZoneInfo("Asia/Shanghai")
_NOW = datetime(2026, 3, 2, tzinfo=UTC)


def main() -> None:
    with running_postgres() as server, tempfile.TemporaryDirectory() as folder:
        for name, url in _places(server, Path(folder)):
            asyncio.run(migrate(url))
            with _beside(_import, name, url, folder) as is_done:
                asyncio.run(_ask_meanwhile(name, url, Path(folder), is_done))
        sizes = SIZES[:1] if os.environ.get("KEFU_BENCH_SMALL") else SIZES
        for size in sizes:
            server.create(f"segments_{size}")
            _apart(_place, server.url(f"segments_{size}"), size)


def _places(server: PostgresServer, folder: Path) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite+aiosqlite:///{folder / 'kefu.db'}"
    server.create("imports")
    yield "PostgreSQL", server.url("imports")


@contextmanager
def _beside(work: Callable[..., None], *arguments: object) -> Iterator[Callable[[], bool]]:
    """In a process of its own, so that its memory is its own; gives whether it is done."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    yield lambda: process.exitcode is not None
    process.join()


def _apart(work: Callable[..., None], *arguments: object) -> None:
    with _beside(work, *arguments):
        pass


async def _ask_meanwhile(name: str, url: str, folder: Path, is_done: Callable[[], bool]) -> None:
    """A question every _EVERY seconds, over HTTP, each from a customer of its own."""
    took: list[float] = []
    async with running_app(make_settings(url, folder), SystemClock()) as app:
        key = await app.add_staff("shop", Role.CHANNEL)
        async with app.client(key) as client:
            while not is_done():
                number = len(took)
                posted = {"customer": f"asks-{number}", "message_id": f"m-{number}", "text": "你们几点关门"}
                began = time.perf_counter()
                answer = await client.post("/api/v1/messages", json=posted)
                took.append(time.perf_counter() - began)
                assert answer.json().get("messages"), answer.text
                await asyncio.sleep(_EVERY)
    took.sort()
    middle, late = took[len(took) // 2], took[len(took) * 95 // 100]
    print(f"   {len(took)} answers meanwhile, {name}: p50 {middle:.2f} s, p95 {late:.2f} s, max {took[-1]:.2f} s")


@contextmanager
def _timed(words: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"   {words}: {time.perf_counter() - began:.1f} s, peak {peak:.0f} MB", flush=True)


def _with_database(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    async def inside() -> None:
        await migrate(url)
        database = Database(url)
        try:
            await work(database)
        finally:
            await database.close()

    asyncio.run(inside())


def _import(name: str, url: str, folder: str) -> None:
    customers, orders = Path(folder) / f"{name}-c.csv", Path(folder) / f"{name}-o.csv"
    head = "客户编号,姓名,手机,生日,标签,接受关怀,接受促销\n"
    rows = (f"C-{n},客户{n},138{n:08},19{n % 80 + 10}-0{n % 9 + 1}-1{n % 9},会员,是,否\n" for n in range(ROWS))
    customers.write_text(head + "".join(rows), "utf-8")
    bought = (f"A-{n},C-{n},龙井,龙井*2,38.00,已签收,2026/1/{n % 28 + 1} 9:30\n" for n in range(ROWS))
    orders.write_text("订单号,客户编号,商品,商品明细,金额,状态,下单时间\n" + "".join(bought), "utf-8")

    async def work(database: Database) -> None:
        for again in ("", " again"):
            with _timed(f"{ROWS:,} customers from CSV{again}, {name}"):
                people = CustomerImport(database, SystemClock(), _ZONE)
                report = await people.apply(await people.plan(customers, ImportOptions()), "bench")
            assert report.created + report.unchanged == ROWS, report.rejections[:3]
        for again in ("", " again"):
            with _timed(f"{ROWS:,} orders from CSV{again}, {name}"):
                purchases = OrderImport(database, SystemClock(), _ZONE)
                report = await purchases.apply(await purchases.plan(orders, ImportOptions()), "bench")
            assert report.created + report.unchanged == ROWS, report.rejections[:3]

    _with_database(url, work)


def _place(url: str, size: int) -> None:
    async def work(database: Database) -> None:
        await _fill(database, size)
        book = Rulebook([SEGMENTS])
        for what in ("for the first time", "again"):
            with _timed(f"{size:,} customers with {size * _ORDERS_EACH:,} orders placed {what}, PostgreSQL"):
                await refresh(database, book, _NOW)

    _with_database(url, work)


async def _fill(database: Database, size: int) -> None:
    """Customers with 0 to 6 orders over three years, made by the server."""
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO customer (birthday_leap_month, phone_proven, email_proven, tags, preferences, chosen,"
                " tier, sample, version, created_at, updated_at) SELECT false, false, false, '[]', '{}', '[]',"
                " 'standard', false, 1, now(), now() FROM generate_series(1, :size)"
            ),
            {"size": size},
        )
        await session.execute(
            text(
                'INSERT INTO "order" (external_id, customer_id, items, amount_minor, currency, status, placed_at,'
                " imported, sample, created_at, updated_at) SELECT 'A-' || n, 1 + (random() * random() * (:size - 1))"
                "::int, '[]', (random() * 100000)::int, 'CNY', 'delivered',"
                " timestamptz '2026-03-01' - random() * interval '1000 days', false, false, now(), now()"
                " FROM generate_series(1, :orders) AS n"
            ),
            {"size": size, "orders": size * _ORDERS_EACH},
        )
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("VACUUM ANALYZE"))


if __name__ == "__main__":
    main()
