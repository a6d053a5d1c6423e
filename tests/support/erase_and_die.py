"""Erases, and is killed where it reaches POINT.

`python -m tests.support.erase_and_die URL FOLDER POINT CUSTOMER|chat INSTANT`; `chat`: what was confirmed in the chat.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

import migrations.metadata  # noqa: F401 - every table has to be known
from bot.bootstrap.storage import open_secretbox
from core.database import Database
from core.files import FolderStore
from customers.privacy import Erasing, erase
from knowledge_base.forgetting import FORGETTING
from scheduler.privacy_requests import PrivacyDesk
from tests.support.app import make_settings

CHAT = "chat"


async def main(url: str, folder: Path, deadly: str, who: str, now: datetime) -> None:
    def reached(point: str) -> None:
        if point == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    database, files = Database(url), FolderStore(folder / "files")
    if who == CHAT:
        box = open_secretbox(make_settings(url, folder))
        await PrivacyDesk(database, folder, files, box, "dying", reached).work(now)
    else:
        await erase(Erasing(database, folder, files, FORGETTING, reached), int(who), by="test", now=now)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], datetime.fromisoformat(sys.argv[5])))
