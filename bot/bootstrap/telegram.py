"""Opens the Telegram door when a token is set. aiogram, which costs seconds and 170 MB, is imported only then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.bootstrap.push import PushDoor
from bot.bootstrap.services import Services
from core.files import FolderStore

if TYPE_CHECKING:
    from fastapi import FastAPI


@asynccontextmanager
async def push_doors(services: Services, app: "FastAPI | None" = None) -> AsyncIterator[tuple[PushDoor, ...]]:
    """The doors of all push channels that are on. `app` takes a webhook's posts; without one another process does.

    Raises:
        Conflict: Telegram does not know the token, or cannot be reached at the very first start.
    """
    if services.settings.telegram_token is None:
        yield ()
        return
    from bot.telegram.decoder import decode
    from bot.telegram.door import Surroundings, open_door

    around = Surroundings(
        settings=services.settings,
        clock=services.clock,
        database=services.database,
        box=services.secretbox,
        files=FolderStore(services.settings.data_dir / "files"),
        engine=services.conversations.handle,
        worker_id=services.worker_id,
        serves_http=app is not None,
    )
    async with open_door(around) as door:
        if app is not None and door.webhook is not None:
            app.router.routes.append(door.webhook.route())
        yield (PushDoor(door.account, decode, door.handler, door.sender, door.loops),)
