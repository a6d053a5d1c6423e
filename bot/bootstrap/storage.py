"""Opening the shop's data: the folder, the key, the database at the right schema."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.backups import copy_sqlite
from core.clock import Clock
from core.database import Database
from core.errors import Conflict
from core.secretbox import SecretBox, read_or_make_key
from core.settings import Settings
from migrations import new_database, revisions

_COPIES_KEPT = 5


def prepare_folder(settings: Settings) -> Path:
    """The data folder, private to its owner.

    Raises:
        Conflict: it cannot be made or written to.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Conflict(
            f"KEFU_DATA_DIR: {folder} cannot be written to ({error.strerror}); choose another folder"
        ) from None
    return folder


def open_secretbox(settings: Settings) -> SecretBox:
    secret = settings.secret.get_secret_value() if settings.secret else read_or_make_key(prepare_folder(settings))
    return SecretBox(secret)


@asynccontextmanager
async def open_database(settings: Settings, clock: Clock) -> AsyncIterator[Database]:
    """The database at the newest schema. SQLite and an empty PostgreSQL are migrated on the way.

    Raises:
        Conflict: unreachable, older PostgreSQL (names the command), or newer than this code.
    """
    prepare_folder(settings)
    database = Database(settings.database_url)
    try:
        await _reach(database)
        await _bring_up(settings, database, clock, may_migrate=settings.is_sqlite)
        yield database
    finally:
        await database.close()


async def migrate_database(settings: Settings, clock: Clock) -> tuple[str | None, str]:
    """`kefu migrate`: the revision before and after."""
    prepare_folder(settings)
    database = Database(settings.database_url)
    try:
        await _reach(database)
        before = await revisions.current(database.engine)
        await _bring_up(settings, database, clock, may_migrate=True)
        return before, revisions.head()
    finally:
        await database.close()


async def _reach(database: Database) -> None:
    try:
        async with database.engine.connect():
            pass
    except Exception as error:
        shown = database.url.render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise Conflict(f"KEFU_DATABASE_URL: {shown} cannot be opened ({reason})") from None


async def _bring_up(settings: Settings, database: Database, clock: Clock, *, may_migrate: bool) -> None:
    found, wanted = await revisions.current(database.engine), revisions.head()
    is_new = found is None
    if is_new and database.sqlite_path is not None:
        await asyncio.to_thread(new_database.create, database.sqlite_path)
        found = await revisions.current(database.engine)
    if found == wanted:
        return
    if found is not None and found > wanted:
        raise Conflict(f"the database has schema {found}, this Kefu knows {wanted}: install the newer Kefu again")
    if not is_new and not may_migrate:
        raise Conflict(f"the database has schema {found}, this Kefu needs {wanted}: run `kefu migrate` first")
    if not is_new:
        _copy_before(settings, database, str(found), clock)
    # Importing alembic costs a third of a second, which only a migration should pay.
    from migrations.runner import migrate

    await migrate(settings.database_url)


def _copy_before(settings: Settings, database: Database, revision: str, clock: Clock) -> None:
    """Keeps the SQLite file as it was, and the newest few such copies. PostgreSQL has its own backups."""
    path = database.sqlite_path
    if path is None:
        return
    stamp = clock.now().strftime("%Y%m%dT%H%M%S")
    copies = settings.data_dir / "before-migration"
    copies.mkdir(mode=0o700, exist_ok=True)
    copy_sqlite(path, copies / f"{revision}-{stamp}.db")
    for old in sorted(copies.glob("*.db"), key=lambda file: file.stat().st_mtime)[:-_COPIES_KEPT]:
        old.unlink()
