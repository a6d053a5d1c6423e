"""The versions of an article: who wrote what, what changed between two of them, and the way back."""

from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Any

from core.database import ReadSession, WriteSession
from core.errors import NotFound
from knowledge_base import repository
from knowledge_base.article_audit import Edit
from knowledge_base.articles import StoredArticle, check_publisher, edit_article, get_article, publish_words
from knowledge_base.content import ArticleContent
from knowledge_base.models import Article, ArticleVersion
from knowledge_base.repository import content_of


class UnknownVersion(NotFound):
    code = "unknown_version"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field in two versions; `lines` is a unified diff of texts, without its head."""

    field: str
    before: Any
    after: Any
    lines: tuple[str, ...]


async def list_versions(session: ReadSession, key: str, language: str | None) -> list[StoredArticle]:
    """Every version, newest first.

    Raises:
        UnknownArticle
    """
    article = (await get_article(session, key, language)).article
    return [StoredArticle(article, row) for row in await repository.list_versions(session, article.id)]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from version `first` to version `second`."""

    first: int
    second: int
    changes: tuple[FieldChange, ...]


async def compare_versions(
    session: ReadSession, key: str, language: str | None, first: int | None = None, second: int | None = None
) -> Comparison:
    """What changed from version `first` (default: what customers get) to `second` (default: the newest).

    Where customers get the newest, or nothing, the one before it is the first.

    Raises:
        UnknownArticle, UnknownVersion
    """
    article = (await get_article(session, key, language)).article
    end = second if second is not None else article.version
    served = article.published_version
    start = first if first is not None else served if served is not None and served < end else max(1, end - 1)
    before = await _content(session, article, start)
    after = await _content(session, article, end)
    return Comparison(start, end, tuple(compare(before, after)))


def compare(before: ArticleContent, after: ArticleContent) -> list[FieldChange]:
    """The fields that differ."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [FieldChange(f, old[f], new[f], _lines(old[f], new[f])) for f in old if old[f] != new[f]]


def _lines(before: Any, after: Any) -> tuple[str, ...]:
    """Long texts line by line, lists item by item."""
    one, two = ([*v] if isinstance(v, list) else str("" if v is None else v).splitlines() for v in (before, after))
    return tuple(line for line in unified_diff(one, two, lineterm="", n=1) if not line.startswith(("---", "+++", "@@")))


async def roll_back(session: WriteSession, key: str, language: str, version: int, edit: Edit) -> StoredArticle:
    """Publishes the words of an older version again, as a new one: nothing of the history is lost.

    Raises:
        UnknownArticle, UnknownVersion
        NotByItsAuthor: `edit.four_eyes`, and `edit.by` wrote the older words.
    """
    back, noted = await take_back(session, key, language, version, edit)
    await publish_words(session, back, noted)
    return back


async def take_back(
    session: WriteSession, key: str, language: str, version: int, edit: Edit
) -> tuple[StoredArticle, Edit]:
    """The words of an older version as the newest, not published yet; and `edit` with a note that says so.

    Raises what `roll_back` raises.
    """
    article = (await get_article(session, key, language, for_update=True)).article
    old = await get_version(session, article, version)
    check_publisher(edit, old.author)
    noted = replace(edit, note=edit.note or f"back to version {version}")
    return await edit_article(session, key, language, article.version, content_of(old).model_dump(), noted), noted


async def _content(session: ReadSession, article: Article, version: int) -> ArticleContent:
    return content_of(await get_version(session, article, version))


async def get_version(session: ReadSession, article: Article, version: int) -> ArticleVersion:
    """Raises UnknownVersion."""
    row = await repository.find_version(session, article.id, version)
    if row is None:
        raise UnknownVersion(f"{article.key!r} has versions 1 to {article.version}, none is {version}")
    return row
