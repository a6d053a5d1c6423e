"""`python -m tests.support.erase_and_die URL FOLDER CUSTOMER POINT`: erases, and is killed where it reaches POINT."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import migrations.metadata  # noqa: F401 - every table has to be known
from core.database import Database
from core.files import FolderStore
from customers.privacy import Erasing, erase
from knowledge_base.forgetting import FORGETTING


async def main(url: str, folder: Path, customer: int, deadly: str) -> None:
    def reached(point: str) -> None:
        if point == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Database(url)
    work = Erasing(database, folder, FolderStore(folder / "files"), FORGETTING, reached)
    await erase(work, customer, by="test", now=datetime(2026, 3, 2, tzinfo=UTC))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
