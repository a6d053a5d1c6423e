"""What every command needs: the settings, the clock, the database."""

import asyncio
import getpass
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.bootstrap.storage import open_database
from core.clock import Clock, SystemClock
from core.database import Database
from core.settings import Settings, load_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CommandContext:
    settings: Settings
    clock: Clock
    database: Database


@asynccontextmanager
async def command_context() -> AsyncIterator[CommandContext]:
    settings, clock = load_settings(), SystemClock()
    async with open_database(settings, clock) as database:
        yield CommandContext(settings, clock, database)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def with_database(work: Callable[[CommandContext], Awaitable[T]]) -> T:
    """Runs `work` on the open database and closes it afterwards."""

    async def inside() -> T:
        async with command_context() as context:
            return await work(context)

    return run(inside())


def whoami() -> str:
    """The name that the audit book shows for what is done on the command line."""
    try:
        return f"cli ({getpass.getuser()})"
    except (KeyError, OSError):
        return "cli"
