"""Putting a backup back so that it does not send again what was sent since."""

from pathlib import Path

from bot.bootstrap.privacy import finish_erasures
from bot.bootstrap.running import alone
from bot.bootstrap.storage import open_database, prepare_folder
from conversations import repair
from core.backups import put_back
from core.clock import Clock
from core.files import FolderStore
from core.settings import Settings
from knowledge_base.file_backups import beside, list_file_ids, unpack


async def restore_database(settings: Settings, clock: Clock, source: Path) -> set[str]:
    """Replaces the database by the backup, brings it to the newest schema and holds all sending; the erased stay so.

    Files of articles that lie beside the backup are put back; returns the ids of those that are missing.

    Raises:
        Conflict: Kefu is running, or the copy failed (the database is then as before).
    """
    from sqlalchemy.engine import make_url

    with alone(prepare_folder(settings)):
        await put_back(make_url(settings.database_url), source)
        async with open_database(settings, clock) as database:
            async with database.write() as session:
                await repair.hold(session, by="restore", now=clock.now())
            await finish_erasures(settings, database, clock)
            wanted = await list_file_ids(database)
            return await unpack(FolderStore(settings.data_dir / "files"), wanted, beside(source))
