"""Opens the Telegram door when a token is set. aiogram, which costs seconds and 170 MB, is imported only then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.health.findings import Finding
from core.clock import Clock
from core.database import Database
from core.files import FolderStore
from core.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.bootstrap.push import PushDoor
    from bot.bootstrap.services import Services


@asynccontextmanager
async def push_doors(services: "Services", app: "FastAPI | None" = None) -> AsyncIterator[tuple["PushDoor", ...]]:
    """The doors of all push channels that are on. `app` takes a webhook's posts; without one another process does.

    Raises:
        Conflict: Telegram does not know the token, or cannot be reached at the very first start.
    """
    if services.settings.telegram_token is None:
        yield ()
        return
    from bot.bootstrap.push import PushDoor
    from bot.telegram.decoder import decode
    from bot.telegram.door import Desk, Surroundings, open_door

    around = Surroundings(
        settings=services.settings,
        clock=services.clock,
        database=services.database,
        box=services.secretbox,
        files=FolderStore(services.settings.data_dir / "files"),
        engine=services.conversations.handle,
        worker_id=services.worker_id,
        serves_http=app is not None,
        desk=Desk(services.knowledge, services.policies),
    )
    async with open_door(around) as door:
        if app is not None and door.webhook is not None:
            app.router.routes.append(door.webhook.route())
        yield (PushDoor(door.account, decode, door.handler, door.sender, door.loops),)


async def examine_telegram(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[Finding]:
    """What `kefu doctor` says of Telegram: nothing without a token."""
    if settings.telegram_token is None:
        return
    from bot.telegram.connection import make_bot
    from bot.telegram.examination import examine

    bot = make_bot(settings)
    try:
        async for finding in examine(bot, settings, database, clock):
            yield finding
    finally:
        await bot.session.close()
