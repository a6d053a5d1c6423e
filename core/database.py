"""Engine, sessions and transactions, the same on SQLite and PostgreSQL.

SQLite: a write session begins with BEGIN IMMEDIATE (with SQLAlchemy's default, concurrent read-modify-writes are lost
silently); writers of one process queue on a lock, so that nobody polls the file. PostgreSQL: plain transactions.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Connection, Integer, MetaData, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from core import sqlite_connection
from core.columns import JsonColumn, UtcDateTime
from core.signals import Signal, Signals

#: Keeps other writers of a row away, and lets rows that refer to it be added: whoever adds one would wait otherwise,
#: outside the order in which locks are taken.
LOCK = {"key_share": True}
#: Primary keys: BIGINT on PostgreSQL, INTEGER (which is 64 bits there too, and autoincrements) on SQLite.
BigId = BigInteger().with_variant(Integer(), "sqlite")

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_BUSY_SECONDS = 15
#: A process that stands still within a transaction (stopped, swapped out, its machine gone) holds its rows no longer:
#: PostgreSQL ends its connection, as decided in 0010. Nothing slow happens between two statements of a transaction.
_IDLE_SECONDS = 15.0
#: Whoever waits for SQLite's file looks a dozen times in the first third of a second, then ten times a second.
_WAY_SECONDS = 0.025
_BEGIN = "kefu_begin"
#: Where commits on PostgreSQL tell other processes: "ORIGIN SIGNAL", the origin being a `Database`'s own name.
NOTIFY_CHANNEL = "kefu"


_NOTIFY = text(f"SELECT pg_notify('{NOTIFY_CHANNEL}', payload) FROM unnest(CAST(:payloads AS text[])) AS payload")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JsonColumn,
        list[str]: JsonColumn,
    }


class ReadSession(AsyncSession):
    """A session that only reads; it is rolled back at the end."""


class WriteSession(ReadSession):
    """A session inside one write transaction. Services may flush it; only `Database.write` commits."""

    def signal(self, topic: str, key: object = None) -> None:
        """Wakes those who wait for `topic` once this transaction has committed, in every process."""
        self._waiting_signals().add(Signal(topic, None if key is None else str(key)))

    def _waiting_signals(self) -> set[Signal]:
        found: set[Signal] = self.info.setdefault("signals", set())
        return found


class Database:
    """One database, its connections, and the signals that its commits send."""

    def __init__(
        self, url: str, signals: Signals | None = None, pool_size: int = 10, idle_seconds: float = _IDLE_SECONDS
    ) -> None:
        """`idle_seconds`: how long a transaction on PostgreSQL may do nothing; 0: for ever."""
        self.url: URL = make_url(url)
        self.signals = signals or Signals()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.own_commits = 0
        self.origin = secrets.token_hex(4)
        self.engine = self._make_engine(pool_size, idle_seconds)
        self._writers = self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        # PostgreSQL: each statement sees what is committed by then, within a transaction or without one.
        self._readers = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._write_lock = asyncio.Lock()

    def _make_engine(self, pool_size: int, idle_seconds: float) -> AsyncEngine:
        if not self.is_sqlite:
            engine = create_async_engine(
                self.url, json_serializer=_write_json, pool_size=pool_size, max_overflow=pool_size, pool_use_lifo=True
            )
            event.listen(engine.sync_engine, "connect", partial(_prepare_postgresql, idle_seconds))
            event.listen(engine.sync_engine, "checkout", _refuse_closed)
            return engine
        arguments = {"timeout": _BUSY_SECONDS, "async_creator_fn": sqlite_connection.connect}
        engine = create_async_engine(
            self.url, json_serializer=_write_json, pool_size=pool_size, pool_use_lifo=True, connect_args=arguments
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """What is committed; on SQLite as it was at the first statement. Leaves nothing behind."""
        async with ReadSession(self._readers, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """One write transaction: commits at the end of the block, rolls back when it raises, then sends the signals."""
        async with AsyncExitStack() as stack:
            if self.is_sqlite:
                await stack.enter_async_context(self._write_lock)
            session = await stack.enter_async_context(WriteSession(self._writers, expire_on_commit=False))
            yield session
            await self._commit(session)
        for signal in session._waiting_signals():
            self.signals.send(signal)

    async def _commit(self, session: WriteSession) -> None:
        signals = session._waiting_signals()
        if signals and not self.is_sqlite:
            await session.flush()
            await session.execute(_NOTIFY, {"payloads": [f"{self.origin} {signal.encode()}" for signal in signals]})
        self.own_commits += 1
        await session.commit()

    async def make_way(self) -> None:
        """Between the transactions of long work. SQLite wakes nobody: other processes look from time to time, and would
        find the file locked again for as long as the work lasts.
        """
        if self.is_sqlite:
            await asyncio.sleep(_WAY_SECONDS)

    async def close(self) -> None:
        await self.engine.dispose()


# Chinese stays readable in JSON columns, so that it can be searched for on SQLite too.
_write_json = partial(json.dumps, ensure_ascii=False)


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """A connection that the server has ended is replaced before anybody asks through it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _prepare_postgresql(idle_seconds: float, connection: Any, _record: object) -> None:
    # Said, not asked for at the start: a pool between us and the server (PgBouncer) refuses what it does not know.
    told = f"SET idle_in_transaction_session_timeout = {round(idle_seconds * 1000)}"
    connection.run_async(lambda driver: driver.execute(told))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # None: SQLAlchemy's "begin" event below starts the transactions, not the driver.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_SECONDS * 1000}",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def upsert_ignore(table: Any, database_name: str) -> Any:
    """`INSERT ... ON CONFLICT DO NOTHING` in the dialect `database_name`; chain `.values()` and `.returning()`."""
    insert = sqlite.insert if database_name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()
