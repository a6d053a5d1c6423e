"""The schema moves forward and back without losing a row, and ends where the models say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.bootstrap.storage import migrate_database, open_database
from core.backups import sqlite_file
from core.database import Database
from core.errors import Conflict
from core.settings import Settings, load_settings
from migrations import new_database, revisions
from migrations.metadata import metadata
from migrations.runner import migrate
from migrations.schema import dump, script_of
from staff.service import add_agent
from staff.values import Role
from tests.support.clock import FakeClock

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def settings_for(url: str, folder: object) -> Settings:
    secret = "a secret of the tests that is long enough"
    return load_settings({"KEFU_DATABASE_URL": url, "KEFU_DATA_DIR": str(folder), "KEFU_SECRET": secret})


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


@pytest.mark.db
async def test_the_migrations_make_exactly_the_models_tables(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_new_database_is_what_its_migrations_make(tmp_path: Path) -> None:
    new_database.create(tmp_path / "new.db")
    with sqlite_file(tmp_path / "new.db") as made:
        assert _parts(script_of(made)) == _parts(await dump(new_database.scripted()))


def _parts(script: str) -> list[list[str]]:
    """Statements as their lines; constraints and indexes may stand in any order."""
    return sorted(sorted(line.strip(" \t,") for line in statement.split("\n")) for statement in script.split("\n\n"))


async def test_what_another_process_has_begun_is_left_alone(tmp_path: Path) -> None:
    with sqlite_file(tmp_path / "new.db") as first:
        first.execute("CREATE TABLE begun (id INTEGER)")
        new_database.create(tmp_path / "new.db")
        assert first.execute("SELECT name FROM sqlite_master").fetchall() == [("begun",)]


@pytest.mark.db
async def test_every_migration_goes_down_and_up_again(database_url: str) -> None:
    await migrate(database_url, "base")
    await migrate(database_url, "head")
    engine = create_async_engine(database_url)
    assert await revisions.current(engine) == revisions.head()
    await engine.dispose()


@pytest.mark.db
async def test_migrating_again_keeps_every_row(database_url: str) -> None:
    database = Database(database_url)
    async with database.write() as session:
        await add_agent(session, "li", Role.AGENT, by="test", now=NOW)
    await database.close()
    await migrate(database_url, "head")
    migrated = Database(database_url)
    async with migrated.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM api_key"))).scalar_one() == 1
    await migrated.close()


@pytest.mark.db
async def test_an_empty_database_is_migrated_by_the_command(
    empty_database_url: str, tmp_path: object, clock: FakeClock
) -> None:
    before, after = await migrate_database(settings_for(empty_database_url, tmp_path), clock)
    assert (before, after) == (None, revisions.head())


@pytest.mark.db
async def test_a_database_newer_than_this_kefu_stops_the_start(
    database_url: str, tmp_path: object, clock: FakeClock
) -> None:
    database = Database(database_url)
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(Conflict, match="install the newer Kefu"):
        async with open_database(settings_for(database_url, tmp_path), clock):
            pass


async def test_a_copy_of_the_file_is_kept_before_it_is_migrated(
    database_url: str, tmp_path: object, clock: FakeClock
) -> None:
    database = Database(database_url)
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    await database.close()
    settings = settings_for(database_url, tmp_path)
    with pytest.raises(Exception, match="0000"):
        await migrate_database(settings, clock)
    copies = list((settings.data_dir / "before-migration").glob("0000-*.db"))
    assert len(copies) == 1
    with sqlite_file(copies[0], read_only=True) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0000",)]
