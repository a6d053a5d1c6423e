"""Whoever asks to be forgotten is: in every table and file, in the raw bytes, in backups, and for the next import."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.backups import copy_sqlite
from core.database import Base, Database
from core.files import FolderStore
from customers import belongings, erasure_log
from customers.blanking import is_deleted, is_text, raw
from customers.models import Customer, Order
from customers.privacy import Erasing, catch_up, erase
from knowledge_base.forgetting import FORGETTING
from migrations.metadata import metadata
from tests.integration.customers.test_imports import customers_in, orders_in, write
from tests.support.clock import FakeClock
from tests.support.databases import DatabaseKind, PostgresDatabases, SqliteFiles
from tests.support.dying import erase_and_die
from tests.support.marked_people import WHEN, fill_everything, insert_row
from tickets.money_models import Grant, LedgerEntry

HERS, HIS = "MARK-HERS-7f3a91", "MARK-HIS-5c20de"


@dataclass
class World:
    """Two people of whom everything is known; she will be erased."""

    folder: Path
    work: Erasing
    her_id: int
    points: list[str]


async def make_world(database: Database, folder: Path) -> World:
    store, points = FolderStore(folder / "files"), list[str]()
    async with database.write() as session:
        hers = await fill_everything(session, metadata, HERS)
        his = await fill_everything(session, metadata, HIS)
        tables = Base.metadata.tables
        for marker, keys in ((HERS, hers), (HIS, his)):
            raw = {"chat": keys["address"], "strange": marker}
            parked = {"state": "parked", "raw": raw, "external_id": f"odd {marker}", "error": marker}
            await insert_row(session, tables["inbox_event"], "none", keys, lane="odd", **parked)
            agent = {"name": f"agent {len(marker)}", "role": "agent", "created_at": WHEN}
            agent_id = await insert_row(session, tables["agent"], "none", keys, **agent)
            body = f'{{"name": "{marker} 1", "to": "{keys["address"]}"}}'.encode()
            await insert_row(
                session, tables["idempotent_answer"], "none", keys | {"agent": agent_id}, body=body, key=str(agent_id)
            )
    for marker, keys in ((HERS, hers), (HIS, his)):
        await keep_file(store, keys["stored_file"], marker)
    (folder / "before-migration").mkdir()
    (folder / "before-migration" / "0001.db").write_bytes(HERS.encode())
    return World(folder, Erasing(database, folder, store, FORGETTING, points.append), hers["customer"], points)


async def keep_file(store: FolderStore, file_id: str, marker: str) -> None:
    path = store._path(file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(marker)


async def rows_with(database: Database, marker: str) -> dict[str, int]:
    """How many rows of each table hold the marker anywhere."""
    found: dict[str, int] = {}
    async with database.read() as session:
        for table in metadata.tables.values():
            rows = (await session.execute(select(*map(raw, table.columns)))).all()
            if count := sum(marker in repr(tuple(row)) for row in rows):
                found[table.name] = count
    return found


def files_with(folder: Path, marker: str) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and marker.encode() in path.read_bytes()]


@pytest.mark.db
async def test_nothing_of_her_is_left_and_everything_of_him(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    world = await make_world(database, tmp_path)
    his, hers = await rows_with(database, HIS), await rows_with(database, HERS)
    assert set(hers) == set(his)
    assert len(hers) >= 14
    receipt = await erase(world.work, world.her_id, by="admin", now=clock.now())
    assert await rows_with(database, HERS) == {}
    assert await rows_with(database, HIS) == his
    assert files_with(tmp_path, HERS) == []
    assert len(files_with(tmp_path / "files", HIS)) == 1
    assert not is_in_the_database_file(database, HERS)
    touched = {place["place"] for place in receipt["places"] if place["rows"]}
    assert set(hers) - {"idempotent_answer", "merge"} <= touched
    assert receipt["kept"]
    assert receipt["unreachable"]
    assert await erase(world.work, world.her_id, by="admin", now=clock.now()) == receipt


async def test_the_books_keep_their_sums(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    world = await make_world(database, tmp_path)
    money = (LedgerEntry.account, LedgerEntry.currency, func.sum(LedgerEntry.amount_minor), func.count())
    books = (
        select(func.sum(Order.amount_minor), func.count()),
        select(Grant.state, Grant.currency, func.sum(Grant.amount_minor)).group_by(Grant.state, Grant.currency),
        select(*money).group_by(LedgerEntry.account, LedgerEntry.currency).order_by(LedgerEntry.account),
    )
    async with database.read() as session:
        before = [(await session.execute(query)).all() for query in books]
    assert all(before)
    await erase(world.work, world.her_id, by="admin", now=clock.now())
    async with database.read() as session:
        assert [(await session.execute(query)).all() for query in books] == before


async def test_what_was_still_to_be_sent_to_her_is_not(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    world = await make_world(database, tmp_path)
    await erase(world.work, world.her_id, by="admin", now=clock.now())
    deliveries = Base.metadata.tables["delivery"]
    query = select(deliveries.c.state).where(deliveries.c.customer_id == world.her_id)
    async with database.read() as session:
        assert set(await session.scalars(query)) == {"skipped"}


_POINTS: dict[DatabaseKind, list[str]] = {}


async def every_point(
    databases: SqliteFiles | PostgresDatabases, kind: DatabaseKind, folder: Path, clock: FakeClock
) -> list[str]:
    """What an erasure passes, learnt once in a database of its own."""
    if kind not in _POINTS:
        (folder / "rehearsal").mkdir()
        with databases.fresh() as url:
            database = Database(url)
            world = await make_world(database, folder / "rehearsal")
            await erase(world.work, world.her_id, by="x", now=clock.now())
            await database.close()
        _POINTS[kind] = list(dict.fromkeys(world.points))
        assert len(_POINTS[kind]) >= 30
    return _POINTS[kind]


def is_in_the_database_file(database: Database, marker: str) -> bool:
    """In the raw bytes of SQLite's files; PostgreSQL's belong to its server."""
    path = database.sqlite_path
    return path is not None and any(marker.encode() in each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


@pytest.mark.db
@pytest.mark.parametrize("tenth", range(10))
async def test_killed_anywhere_it_is_finished_at_the_next_start(
    database: Database,
    databases: SqliteFiles | PostgresDatabases,
    database_kind: DatabaseKind,
    clock: FakeClock,
    tmp_path: Path,
    tenth: int,
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    world = await make_world(database, folder)
    points = await every_point(databases, database_kind, tmp_path, clock)
    deadly = points[tenth * (len(points) - 1) // 9]
    url = database.url.render_as_string(hide_password=False)
    await erase_and_die(url, folder, deadly, str(world.her_id), clock.now())
    await catch_up(Erasing(database, folder, FolderStore(folder / "files")), clock.now())
    assert await rows_with(database, HERS) == {}
    assert files_with(folder, HERS) == []
    assert not is_in_the_database_file(database, HERS)
    assert await catch_up(Erasing(database, folder), clock.now()) == 0


@contextmanager
def backup_of(database: Database, databases: SqliteFiles | PostgresDatabases, folder: Path) -> Iterator[str]:
    """The address of a copy of the database as it is now; nobody is connected to it meanwhile."""
    if database.sqlite_path:
        copy_sqlite(database.sqlite_path, folder / "backup.db")
        yield f"sqlite+aiosqlite:///{folder / 'backup.db'}"
    else:
        assert isinstance(databases, PostgresDatabases)
        with databases.copied(database.url.database or "") as url:
            yield url


@pytest.mark.db
async def test_an_older_backup_that_is_put_back_forgets_her_again(
    database: Database, databases: SqliteFiles | PostgresDatabases, clock: FakeClock, tmp_path: Path
) -> None:
    world = await make_world(database, tmp_path)
    await database.close()
    with backup_of(database, databases, tmp_path) as url:
        await erase(world.work, world.her_id, by="admin", now=clock.now())
        restored = Database(url)
        try:
            assert await rows_with(restored, HERS)
            assert await catch_up(Erasing(restored, tmp_path, world.work.files), clock.now()) == 1
            assert await rows_with(restored, HERS) == {}
            assert await rows_with(restored, HIS) == await rows_with(database, HIS)
            assert not is_in_the_database_file(restored, HERS)
        finally:
            await restored.close()


async def test_a_number_that_is_somebody_elses_in_the_backup_is_left_alone(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    """The backup is older than she is, and her number was given to another customer since."""
    world = await make_world(database, tmp_path)
    entry = erasure_log.Entry(world.her_id, (world.her_id,), clock.now().isoformat(), "salt", ("no such digest",), "x")
    erasure_log.append(tmp_path, entry)
    await catch_up(world.work, clock.now())
    assert len(await rows_with(database, HERS)) >= 14


@pytest.mark.db
async def test_mondays_import_does_not_bring_her_back(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    file = write(
        tmp_path / "c.csv", "external_id,name,phone,email\nC-1,Li,13800138000,li@example.com\nC-2,Wang,13900139000,\n"
    )
    bought = write(tmp_path / "o.csv", "order no,customer id\nA-1,C-1\nA-2,C-2\n")
    await customers_in(database, clock, file)
    await orders_in(database, clock, bought)
    async with database.read() as session:
        her_id = (await session.scalars(select(Customer.id).where(Customer.external_id == "C-1"))).one()
    await erase(Erasing(database, tmp_path), her_id, by="admin", now=clock.now())
    for text in ("external_id,name\nC-1,Li\n", "phone\n13800138000\n", "email\nLI@example.com\n"):
        report = await customers_in(database, clock, write(tmp_path / "again.csv", text))
        assert (report.created, report.rejected) == (0, 1)
        assert "asked to be forgotten" in report.rejections[0].reason
    again = await orders_in(database, clock, bought)
    assert (again.created, again.unchanged, again.rejected) == (0, 1, 1)
    assert (await customers_in(database, clock, file)).rejected == 1


def test_somebody_decided_about_every_text_of_a_customer() -> None:
    """A new text column says what becomes of it: info=ERASE, KEEP or NONE (core/columns.py)."""
    undecided = [
        str(column)
        for table in belongings.links(metadata)
        if not is_deleted(table)
        for column in table.columns
        if is_text(column) and not column.foreign_keys and belongings.personal(column) is None
    ]
    assert undecided == []
