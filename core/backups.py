"""Copies of a database that is in use, and putting one back."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL

from core.errors import Conflict, InvalidInput, NotFound
from core.files import writing_whole

_SQLITE_MAGIC = b"SQLite format 3\x00"
_DUMP_MAGIC = b"PGDMP"


@contextmanager
def sqlite_file(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection of the standard library's, closed at the end."""
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, timeout=15)
    try:
        yield connection
    finally:
        connection.close()


def copy_sqlite(source: Path, target: Path) -> None:
    """An online copy: writers go on meanwhile. The target appears whole or not at all, readable by its owner alone."""
    with writing_whole(target) as path, sqlite_file(source, read_only=True) as reader, sqlite_file(path) as writer:
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode=DELETE")


async def back_up(url: URL, target: Path) -> None:
    """Writes a copy of the database at `url`: an SQLite file, or a `pg_dump` archive.

    Raises:
        Conflict: `target` exists, or the copy failed.
    """
    if target.exists():
        raise Conflict(f"{target} exists already; choose another name")
    if not target.parent.is_dir():
        raise NotFound(f"there is no folder {target.parent}")
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(copy_sqlite, Path(str(url.database)), target)
    else:
        with writing_whole(target) as path:
            await _run("pg_dump", "--format=custom", "--no-owner", f"--file={path}", url=url)


async def put_back(url: URL, source: Path) -> None:
    """Replaces the database at `url` by the backup in `source`.

    Raises:
        NotFound: no such file.
        InvalidInput: the file is no backup of this kind of database.
        Conflict: the copy failed; the database is as before.
    """
    if not source.is_file():
        raise NotFound(f"there is no file {source}")
    with source.open("rb") as file:
        start = file.read(len(_SQLITE_MAGIC))
    if url.get_backend_name() == "sqlite":
        if start != _SQLITE_MAGIC:
            raise InvalidInput(f"{source} is no SQLite backup of Kefu")
        await asyncio.to_thread(_replace_sqlite, source, Path(str(url.database)))
    else:
        if not start.startswith(_DUMP_MAGIC):
            raise InvalidInput(f"{source} is no PostgreSQL backup of Kefu")
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        await _run("pg_restore", *options, f"--dbname={url.database}", str(source), url=url)


def _replace_sqlite(source: Path, target: Path) -> None:
    with sqlite_file(source, read_only=True) as check:
        try:
            sound = check.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            ours = check.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
        except sqlite3.DatabaseError:
            sound, ours = False, 0
    if not sound or not ours:
        raise InvalidInput(f"{source} is damaged, or no backup of Kefu")
    fresh = target.with_name(target.name + ".restored")
    fresh.unlink(missing_ok=True)
    copy_sqlite(source, fresh)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    fresh.replace(target)


async def _run(program: str, *arguments: str, url: URL) -> None:
    environment = os.environ | {
        "PGHOST": url.host or str(url.query.get("host") or ""),
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.database or "",
    }
    try:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, env={k: v for k, v in environment.items() if v}, stderr=asyncio.subprocess.PIPE
        )
    except FileNotFoundError:
        raise NotFound(f"{program} is not installed; it comes with PostgreSQL's client programs") from None
    _, complaint = await process.communicate()
    if process.returncode:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:]
        raise Conflict(f"{program} failed: {' '.join(last)}")
