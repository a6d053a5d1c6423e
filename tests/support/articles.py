"""A small shop's knowledge for tests. Its index takes seconds to build, so it is built once a session and copied."""

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.clock import Clock
from core.database import Database
from knowledge_base import repository
from knowledge_base.article_audit import Edit
from knowledge_base.articles import create_article
from knowledge_base.content import ArticleContent
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import ArticleStatus

DELIVERY_ANSWER = "满 99 元包邮，一般 2 到 4 天送到。"
#: Key, language, question, other wordings, answer.
ARTICLES: Sequence[tuple[str, str, str, tuple[str, ...], str]] = (
    ("delivery", "zh", "多久能送到？", ("几天到", "快递要多久", "什么时候送到"), DELIVERY_ANSWER),
    ("delivery", "en", "How long does delivery take?", ("when will it arrive", "shipping time"), "It takes 2-4 days."),
)

#: Where the snapshots of a data directory lie, and where this session keeps them for the tests to come.
_FOLDER = "snapshots"
_kept = Path(tempfile.mkdtemp(prefix="kefu-index-"))
atexit.register(shutil.rmtree, _kept, ignore_errors=True)


async def write_articles(database: Database, clock: Clock) -> None:
    """Publishes ARTICLES, unless the shop has articles."""
    edit = Edit(by="test", now=clock.now())
    async with database.write() as session:
        if await repository.find_row(session, ARTICLES[0][0]) is not None:
            return
        for key, language, question, phrasings, answer in ARTICLES:
            content = ArticleContent(question=question, phrasings=phrasings, answer=answer)
            await create_article(session, key, language, content, edit, ArticleStatus.PUBLISHED)


def lend_index(data_dir: Path) -> None:
    """Puts the snapshots that an earlier test has built where this test's shop looks for them."""
    shutil.copytree(_kept, data_dir / _FOLDER, dirs_exist_ok=True)


async def keep_index(data_dir: Path, knowledge: KnowledgeBase) -> None:
    """Keeps what was built for the tests to come."""
    if not any(_kept.iterdir()):
        await knowledge.refresh(fully=True)
        shutil.copytree(data_dir / _FOLDER, _kept, dirs_exist_ok=True)
