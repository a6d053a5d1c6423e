"""Fresh databases for tests: a template is migrated once a session and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import count
from pathlib import Path

from sqlalchemy.pool import QueuePool

from core.database import Database
from tests.support.postgres import PostgresServer

Migrate = Callable[[str], None]
_TEMPLATE = "kefu_template"


class DatabaseKind(StrEnum):
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def connections_in_use(database: Database) -> int:
    """How many connections of `database` somebody has not given back."""
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


class SqliteFiles:
    """Databases that are files under `folder`."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / f"{_TEMPLATE}.db"
        migrate(f"sqlite+aiosqlite:///{self._template}")

    @contextmanager
    def fresh(self, migrated: bool = True) -> Iterator[str]:
        """The address of a database that nobody else uses: with all tables, or empty."""
        path = self._folder / f"kefu_{next(self._numbers)}.db"
        if migrated:
            shutil.copyfile(self._template, path)
        yield f"sqlite+aiosqlite:///{path}"
        for left in self._folder.glob(f"{path.name}*"):
            left.unlink()


class PostgresDatabases:
    """Databases on one server."""

    def __init__(self, server: PostgresServer, migrate: Migrate) -> None:
        self._server = server
        self._numbers = count(1)
        server.create(_TEMPLATE)
        migrate(server.url(_TEMPLATE))

    @contextmanager
    def fresh(self, migrated: bool = True) -> Iterator[str]:
        """The address of a database that nobody else uses: with all tables, or empty."""
        with self.copied(_TEMPLATE if migrated else "template0") as url:
            yield url

    @contextmanager
    def copied(self, template: str) -> Iterator[str]:
        """The address of a copy of that database, to which nobody may be connected."""
        name = f"kefu_{next(self._numbers)}"
        self._server.create(name, template=template)
        try:
            yield self._server.url(name)
        finally:
            self._server.drop(name)
