"""Which revision a database is at, and which is the newest: without loading alembic, so that starting is quick."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

_VERSIONS = Path(__file__).parent / "versions"


def head() -> str:
    """The newest revision that this code knows; files are numbered `0001_...`."""
    return max(path.name[:4] for path in _VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))


async def current(engine: AsyncEngine) -> str | None:
    """The database's revision; None for an empty database."""
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
        if "alembic_version" not in tables:
            return None
        found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)
