"""A shop of its own for stateful tests, driven from ordinary functions."""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from core.database import Database
from core.errors import KefuError
from migrations.runner import migrate
from tests.integration.tickets.shop import TicketShop
from tests.support.clock import FakeClock
from tests.support.postgres import run_apart

T = TypeVar("T")


class ShopOnItsOwn:
    """A fresh database in a folder that goes with it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._folder = tempfile.TemporaryDirectory()
        url = f"sqlite+aiosqlite:///{Path(self._folder.name) / 'kefu.db'}"
        run_apart(migrate(url))
        self.shop = TicketShop(Database(url), FakeClock())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def attempt(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What is refused leaves everything as it was."""
        try:
            return self.run(work)
        except KefuError:
            return None

    def close(self) -> None:
        self.run(self.shop.database.close())
        self._loop.close()
        self._folder.cleanup()
