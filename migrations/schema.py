"""`python -m migrations.schema`: writes the script that new SQLite databases are made by, from the migrations."""

import asyncio
import sqlite3
import tempfile
from pathlib import Path

from core.backups import sqlite_file
from migrations.new_database import SCRIPT
from migrations.revisions import head
from migrations.runner import migrate


async def dump(revision: str) -> str:
    """The script of what the migrations up to `revision` make."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        await migrate(f"sqlite+aiosqlite:///{path}", revision)
        with sqlite_file(path, read_only=True) as connection:
            return script_of(connection)


def script_of(connection: sqlite3.Connection) -> str:
    """All that a database holds as statements, an empty line after each."""
    _begin, *statements, _commit = connection.iterdump()
    return "\n\n".join(statements) + "\n"


if __name__ == "__main__":
    SCRIPT.write_text(asyncio.run(dump(head())), "utf-8")
