"""A brand-new SQLite database made by one script: without loading alembic, so that the first start is quick."""

import re
import sqlite3
from pathlib import Path

from core.backups import sqlite_file

#: What the migrations up to `scripted()` make (`python -m migrations.schema` writes it), an empty line after each
#: statement. It may lag behind the newest revision: whoever made a database from it migrates it on.
SCRIPT = Path(__file__).parent / "schema.sql"
_REVISION = re.compile(r"""INSERT INTO "alembic_version" VALUES\('(\w+)'\)""")


def scripted() -> str:
    """The revision that the script makes."""
    found = _REVISION.search(SCRIPT.read_text("utf-8"))
    assert found is not None
    return found[1]


def create(path: Path) -> None:
    """Makes the script's schema, whole or not at all; nothing where another process was first."""
    statements = SCRIPT.read_text("utf-8").split("\n\n")
    with sqlite_file(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if _is_empty(connection):
            for statement in statements:
                connection.execute(statement)
        connection.execute("COMMIT")


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
