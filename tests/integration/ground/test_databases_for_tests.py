"""The ground that the other tests stand on: both databases, fresh each time."""

import pytest
from sqlalchemy import text

from core.database import Database
from tests.support.databases import DatabaseKind

pytestmark = pytest.mark.db

_ADD_SHOP = text("INSERT INTO shop (id, facts, sample, version, updated_at) VALUES (1, '{}', false, 1, '2026-03-02')")


@pytest.mark.parametrize("time", ["first", "second"])
async def test_each_test_gets_a_migrated_database_that_nobody_has_written_to(database: Database, time: str) -> None:
    async with database.write() as session:
        await session.execute(_ADD_SHOP)
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM shop")) == 1


async def test_a_test_marked_db_meets_both_databases(database: Database, database_kind: DatabaseKind) -> None:
    assert database.url.get_backend_name() == database_kind


async def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    catalogue = "sqlite_master WHERE type = 'table'" if database.is_sqlite else "pg_tables WHERE schemaname = 'public'"
    async with database.read() as session:
        assert await session.scalar(text(f"SELECT count(*) FROM {catalogue}")) == 0
    await database.close()
