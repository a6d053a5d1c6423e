"""Signals of other processes: PostgreSQL tells (LISTEN/NOTIFY), SQLite is looked at (`PRAGMA data_version`).

Signals are hints (see `core.signals`): after a gap everybody is woken, since nobody knows what was missed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiosqlite
import structlog
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from core.database import NOTIFY_CHANNEL, Database
from core.signals import Signal

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.2
#: While this process commits too, a changed file tells nothing about others; everybody looks every so many times then.
_LOOKS_WHILE_BUSY = 5
_PING_SECONDS = 10.0
_LONGEST_WAIT = 5.0


async def listen(database: Database) -> None:
    """Passes other processes' signals on to `database.signals`, until cancelled. Outlives the database's absence."""
    follow = _follow_file if database.is_sqlite else _follow_notifications
    failures = 0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await follow(database)
        except Exception as error:
            log.warning("signals.lost", error=repr(error))
        lasted = asyncio.get_running_loop().time() - began
        failures = 1 if lasted > _LONGEST_WAIT else failures + 1
        await asyncio.sleep(min(_LONGEST_WAIT, 0.05 * 2**failures))


async def _follow_notifications(database: Database) -> None:
    """Returns when the connection ends; raises what a connection raises."""

    def pass_on(_connection: object, _pid: int, _channel: str, payload: str) -> None:
        origin, _, signal = payload.partition(" ")
        if origin != database.origin:
            database.signals.send(Signal.decode(signal))

    async with _own_connection(database) as connection:
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _connection: ended.set())
        await connection.add_listener(NOTIFY_CHANNEL, pass_on)
        database.signals.send_all()
        while not ended.is_set():
            await _ping_later(connection, ended)


@asynccontextmanager
async def _own_connection(database: Database) -> AsyncIterator[Any]:
    """asyncpg's connection, outside the pool and thrown away afterwards."""
    engine = create_async_engine(database.url, poolclass=NullPool)
    async with engine.connect() as connection:
        try:
            yield (await connection.get_raw_connection()).driver_connection
        finally:
            await connection.invalidate()


async def _ping_later(connection: Any, ended: asyncio.Event) -> None:
    """Finds out about a server that went away without a word. Raises TimeoutError."""
    try:
        async with asyncio.timeout(_PING_SECONDS):
            await ended.wait()
    except TimeoutError:
        await connection.execute("SELECT 1", timeout=_PING_SECONDS)


async def _follow_file(database: Database) -> None:
    watch = FileWatch()
    async with aiosqlite.connect(database.sqlite_path or ":memory:") as connection:
        while True:
            found = await (await connection.execute("PRAGMA data_version")).fetchone()
            if found and watch.has_others(found[0], database.own_commits):
                database.signals.send_all()
            await asyncio.sleep(_LOOK_SECONDS)


@dataclass(slots=True)
class FileWatch:
    """Tells from two counters whether somebody else has written: the file's version, and this process's own commits.

    A commit is counted just before it is made, so it may show in the file one look later.
    """

    _version: int | None = None
    _commits: int = 0
    _was_busy: bool = False
    _unsure_looks: int = 0

    def has_others(self, version: int, commits: int) -> bool:
        """True as soon as a change cannot be our own; now and then while it could be either's."""
        changed = self._version not in (None, version)
        is_busy = commits != self._commits
        unsure = changed and (is_busy or self._was_busy)
        self._version, self._commits, self._was_busy = version, commits, is_busy
        if unsure or self._unsure_looks:
            self._unsure_looks = (self._unsure_looks + 1) % _LOOKS_WHILE_BUSY
            return self._unsure_looks == 0
        return changed
