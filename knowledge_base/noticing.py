"""Looks at an article beside the others, before it is saved: see `notices`."""

from core.database import Database, ReadSession
from core.shop import read_shop
from knowledge_base import repository
from knowledge_base.alike import Alike
from knowledge_base.content import ArticleContent
from knowledge_base.labels import has_labels
from knowledge_base.notices import Around, Notice, notices
from knowledge_base.service import KnowledgeBase
from knowledge_base.text import fold


async def look_around(
    database: Database,
    knowledge: KnowledgeBase,
    name: tuple[str, str],
    content: ArticleContent,
    reader: str,
    *,
    with_strays: bool = True,
) -> tuple[Notice, ...]:
    """What there is to say of the article called `name` (key, language). Some milliseconds: outside any transaction.

    `with_strays`: some more a wording, where the shop has no labelled questions of its own.
    """
    key, language = name
    served = await knowledge.find_alike(key, language, content)
    async with database.read() as session:
        drafts = await _drafts(session, name, content)
        known = await repository.find_keys(session, content.related)
        facts, _ = await read_shop(session)
        with_strays = with_strays and not await has_labels(session)
    strays = await knowledge.find_strays([content.indexed(key, language, 0)]) if with_strays else []
    seen = {alike.article.key for alike in served}
    alike = (*served, *(draft for draft in drafts if draft.article.key not in seen))
    return notices(content, language, Around(alike, known, facts, knowledge.now, strays), reader)


async def _drafts(session: ReadSession, name: tuple[str, str], content: ArticleContent) -> list[Alike]:
    found = []
    for article, row in await repository.list_asked_the_same(session, *name, content.question):
        other = repository.content_of(row)
        indexed = other.indexed(article.key, article.language, row.version)
        found.append(Alike(indexed, fold(other.answer) == fold(content.answer)))
    return found
