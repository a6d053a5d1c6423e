"""The knowledge base alone, for commands that need nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from knowledge_base.service import KnowledgeBase


@asynccontextmanager
async def open_knowledge(database: Database, clock: Clock, settings: Settings) -> AsyncIterator[KnowledgeBase]:
    """Nothing is loaded yet: call `refresh`."""
    knowledge = KnowledgeBase(database, clock, settings)
    try:
        yield knowledge
    finally:
        await knowledge.close()
