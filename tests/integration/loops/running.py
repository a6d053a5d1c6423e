"""Loops that run for the length of a block."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversations.rounds import RoundLoop


@asynccontextmanager
async def running(*loops: RoundLoop) -> AsyncIterator[None]:
    """Starts the loops, and drains them at the end; a loop that fails fails the test."""
    async with asyncio.TaskGroup() as tasks:
        for loop in loops:
            tasks.create_task(loop.run())
        try:
            yield
        finally:
            for loop in loops:
                loop.stop()
