"""The knowledge base alone, for commands that need nothing else."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from knowledge_base.service import NONE_REHEARSED, KnowledgeBase


@asynccontextmanager
async def open_knowledge(
    database: Database, clock: Clock, settings: Settings, rehearsed: Sequence[str] = NONE_REHEARSED
) -> AsyncIterator[KnowledgeBase]:
    """Nothing is loaded yet: call `refresh`. `rehearsed`: like what will be asked, so that it finds all loaded."""
    knowledge = KnowledgeBase(database, clock, settings, rehearsed)
    try:
        yield knowledge
    finally:
        await knowledge.close()
