"""The knowledge base alone, for commands that need nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from knowledge_base.service import NONE_REHEARSED, KnowledgeBase


@asynccontextmanager
async def open_knowledge(
    database: Database, clock: Clock, settings: Settings, question: str | None = None
) -> AsyncIterator[KnowledgeBase]:
    """Nothing is loaded yet: call `refresh`. `question`: what will be asked, where nothing else will."""
    knowledge = KnowledgeBase(database, clock, settings, (question,) if question else NONE_REHEARSED)
    try:
        yield knowledge
    finally:
        await knowledge.close()
