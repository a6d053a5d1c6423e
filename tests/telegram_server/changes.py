"""Waiting on conditions instead of sleeping."""

import asyncio
from collections.abc import Callable


class Changes:
    """Wakes everybody who waits, each time something has changed."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def tell(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, holds: Callable[[], bool], within: float) -> bool:
        """Wait until `holds()`; False when it still does not after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    await self._next.wait()
        except TimeoutError:
            return holds()
        return True
