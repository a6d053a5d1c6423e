"""An aiosqlite connection that visits its thread once a statement.

aiosqlite makes four visits (cursor, execute, fetch, close); each costs about as much as the statement itself.
"""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite


class Connection(aiosqlite.Connection):
    """What SQLAlchemy's aiosqlite dialect expects of a connection (`async_creator_fn`)."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True
        self._visits = 0

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def run(self, function: Callable[..., Any], *values: Any) -> Any:
        """What `function(the sqlite3 connection, *values)` returns, run in the connection's thread."""
        return await self._execute(function, self._conn, *values)

    async def rollback(self) -> None:
        """Costs no visit when there is nothing to roll back; after a cancelled visit nobody knows, so it is made."""
        if self._visits or self.in_transaction:
            await super().rollback()

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._visits += 1
        try:
            result = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except Exception:
            self._visits -= 1
            raise
        self._visits -= 1
        return result


class Cursor:
    """Has its whole result as soon as it has executed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        return self._keep(await self._connection.run(_execute, sql, parameters))

    async def executemany(self, sql: str, parameters: Any) -> "Cursor":
        return self._keep(await self._connection.run(_execute_many, sql, parameters))

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        self._rows = ()

    def _keep(self, result: tuple[Any, int, int | None, Sequence[Any]]) -> "Cursor":
        self.description, self.rowcount, self.lastrowid, self._rows = result
        return self


def connect(path: str, **options: Any) -> Connection:
    """Not yet open: await it."""
    return Connection(partial(sqlite3.connect, path, **options))


def _execute(connection: sqlite3.Connection, sql: str, parameters: Any) -> tuple[Any, int, int | None, Sequence[Any]]:
    return _drain(connection.execute(sql, parameters))


def _execute_many(connection: sqlite3.Connection, sql: str, rows: Any) -> tuple[Any, int, int | None, Sequence[Any]]:
    return _drain(connection.executemany(sql, rows))


def _drain(cursor: sqlite3.Cursor) -> tuple[Any, int, int | None, Sequence[Any]]:
    rows = cursor.fetchall() if cursor.description else ()
    result = (cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    cursor.close()
    return result
