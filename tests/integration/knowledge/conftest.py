"""A shop's knowledge base on a fresh database, without a language model so that building is quick."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from core.database import Database
from core.settings import Settings, load_settings
from knowledge_base.article_audit import Edit
from knowledge_base.articles import StoredArticle, create_article
from knowledge_base.content import checked
from knowledge_base.files import ArticleFiles
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import ArticleStatus
from tests.support.building import build_in_this_process
from tests.support.clock import FakeClock

Write = Callable[..., Awaitable[StoredArticle]]
OpenKnowledge = Callable[[], Awaitable[KnowledgeBase]]


def settings_in(folder: Path, database: Database) -> Settings:
    url = database.url.render_as_string(hide_password=False)
    given = {"KEFU_DATA_DIR": str(folder), "KEFU_EMBEDDER": "none", "KEFU_DATABASE_URL": url, "KEFU_SECRET": "s" * 40}
    return load_settings(given, folder)


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    return settings_in(tmp_path, database)


@pytest.fixture
def build_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is served is built in this process: `test_serving` has the real way."""
    build_in_this_process(monkeypatch)


@pytest.fixture
def write(database: Database, clock: FakeClock) -> Write:
    """Writes an article: `write("key", "question", status=...)`, published unless told."""

    async def make(
        key: str, question: str, language: str = "zh", status: str = "published", **fields: Any
    ) -> StoredArticle:
        content = checked({"question": question, "answer": f"答：{question}", **fields})
        async with database.write() as session:
            return await create_article(session, key, language, content, Edit("Li", clock.now()), ArticleStatus(status))

    return make


@pytest.fixture
async def open_knowledge(database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[OpenKnowledge]:
    """Opens the knowledge base as another machine would: a folder of its own, where the database is shared."""
    async with AsyncExitStack() as stack:
        opened: list[KnowledgeBase] = []

        async def open_one() -> KnowledgeBase:
            folder = tmp_path if database.is_sqlite else tmp_path / str(len(opened))
            folder.mkdir(exist_ok=True)
            knowledge = KnowledgeBase(database, clock, settings_in(folder, database))
            stack.push_async_callback(knowledge.close)
            opened.append(knowledge)
            await knowledge.refresh()
            return knowledge

        yield open_one


@pytest.fixture
def files(database: Database, clock: FakeClock, settings: Settings) -> ArticleFiles:
    return ArticleFiles(database, clock, settings.timezone)
