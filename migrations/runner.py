"""Brings a database to a schema revision, each run in one transaction of its own."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from core.errors import Conflict

#: The advisory lock under which PostgreSQL is migrated ("kefu" in ASCII).
_LOCK = 0x6B656675


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


async def migrate(url: str, target: str = "head") -> None:
    """Moves the schema up, or down, to `target`.

    SQLite: foreign keys are off before BEGIN, because a batch migration drops and copies tables and cascades would
    empty their children; `foreign_key_check` must be clean before COMMIT. PostgreSQL: under an advisory lock.

    Raises:
        Conflict: rows would point at nothing afterwards; nothing was changed.
    """
    engine = _migration_engine(url)
    try:
        async with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_move, target)
    finally:
        await engine.dispose()


def _move(connection: Connection, target: str) -> None:
    now = MigrationContext.configure(connection).get_current_revision()
    steps = {script.revision for script in ScriptDirectory.from_config(alembic_config()).iterate_revisions(now, "base")}
    goes_down = target == "base" or (target in steps and target != now)
    (command.downgrade if goes_down else command.upgrade)(alembic_config(connection), target)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise Conflict(f"the migration would leave {len(broken)} rows of {broken[0][0]!r} pointing at nothing")


def _migration_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _open_sqlite)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _open_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=OFF", "busy_timeout=15000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
