"""Finishing erasures that were cut short, and repeating those that a restored backup has never heard of."""

import migrations.metadata  # noqa: F401 - no table may be missed, whatever this process has imported
from core.clock import Clock
from core.database import Database
from core.files import FolderStore
from core.settings import Settings
from customers.privacy import Erasing, catch_up
from knowledge_base.forgetting import FORGETTING


def erasing(settings: Settings, database: Database) -> Erasing:
    """What an erasure works with."""
    return Erasing(database, settings.data_dir, FolderStore(settings.data_dir / "files"), elsewhere=FORGETTING)


async def finish_erasures(settings: Settings, database: Database, clock: Clock) -> int:
    """How many there were. With nothing to do it costs one query and one small file."""
    return await catch_up(erasing(settings, database), clock.now())
