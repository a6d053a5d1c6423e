"""Reading and writing articles. Every function takes a session; what changes what is served says so by `touch`."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Text, and_, case, cast, func, or_, select, update

from core import signals
from core.database import ReadSession, WriteSession
from knowledge_base.content import ArticleContent, as_indexed
from knowledge_base.models import Article, ArticleVersion, KnowledgeState
from knowledge_base.values import ArticleStatus, IndexedArticle

T = TypeVar("T")

#: `pending_state` of a version that is published at `pending_at`.
SCHEDULED = "scheduled"

#: How many keys one statement may carry.
_SLICE = 400
#: What the search sees of a version: whole rows of the table cost several times as much.
_SEEN = tuple(
    getattr(ArticleVersion, one.name)
    for one in fields(IndexedArticle)
    if one.name not in ("key", "language", "version")
)
_IS_NEWEST = and_(ArticleVersion.article_id == Article.id, ArticleVersion.version == Article.version)


@dataclass(frozen=True, slots=True)
class ServedRow:
    """One version that is served, and by `digest` what it says."""

    key: str
    language: str
    version: int
    digest: str
    version_id: int


async def read_state(session: ReadSession) -> KnowledgeState | None:
    return await session.get(KnowledgeState, 1)


async def touch(session: WriteSession, now: datetime) -> KnowledgeState:
    """What is served may have changed: every process looks again once this has committed."""
    state = await session.get(KnowledgeState, 1, with_for_update=True, populate_existing=True)
    if state is None:
        state = KnowledgeState(id=1, revision=0, changed_at=now)
        session.add(state)
    state.revision += 1
    state.changed_at = now
    session.signal(signals.KNOWLEDGE)
    return state


async def list_served(session: ReadSession, now: datetime) -> list[ServedRow]:
    """The versions that are valid at `now` and published, or due to be by then; by key and language."""
    valid = (
        or_(ArticleVersion.valid_from.is_(None), ArticleVersion.valid_from <= now),
        or_(ArticleVersion.valid_until.is_(None), ArticleVersion.valid_until > now),
    )
    words = select(Article.key, Article.language, ArticleVersion.version, ArticleVersion.digest, ArticleVersion.id)
    found = await session.execute(
        words.select_from(Article)
        .join(ArticleVersion, _is_served(now))
        .where(*valid)
        .order_by(Article.key, Article.language)
    )
    return [ServedRow(*row) for row in found.all()]


async def next_change(session: ReadSession, now: datetime) -> datetime | None:
    """The first instant after `now` at which something is published, or begins or ceases to be valid."""
    planned = (Article.pending_state == SCHEDULED, Article.pending_at > now)
    instants = [await session.scalar(select(func.min(Article.pending_at)).where(*planned))]
    instants += [
        await session.scalar(select(func.min(column)).join(Article, _is_served(now)).where(column > now))
        for column in (ArticleVersion.valid_from, ArticleVersion.valid_until)
    ]
    return min((at for at in instants if at is not None), default=None)


def _is_served(now: datetime) -> ColumnElement[bool]:
    """Joins an article to the version that is published at `now`: by a plan that has come due, or as it is."""
    is_due = and_(Article.pending_state == SCHEDULED, Article.pending_at <= now)
    version = case((is_due, Article.pending_version), else_=Article.published_version)
    return and_(ArticleVersion.article_id == Article.id, ArticleVersion.version == version)


async def find_due(session: WriteSession, now: datetime) -> list[Article]:
    """Articles whose planned publication has come due, locked."""
    query = select(Article).where(Article.pending_state == SCHEDULED, Article.pending_at <= now)
    return list(await session.scalars(query.order_by(Article.id).with_for_update()))


async def list_versions(session: ReadSession, article_id: int) -> list[ArticleVersion]:
    """Newest first."""
    query = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    return list(await session.scalars(query.order_by(ArticleVersion.version.desc())))


async def load_indexed(session: ReadSession, rows: Sequence[ServedRow]) -> list[IndexedArticle]:
    """The words of `rows`, in their order."""
    words: dict[int, Row[Any]] = {}
    for ids in sliced([row.version_id for row in rows]):
        found = await session.execute(select(ArticleVersion.id, *_SEEN).where(ArticleVersion.id.in_(ids)))
        words |= {row.id: row for row in found}
    return [as_indexed(words[row.version_id], row.key, row.language, row.version) for row in rows]


def content_of(version: ArticleVersion) -> ArticleContent:
    """What a version says. It was checked when it was written."""
    return ArticleContent.model_construct(
        question=version.question,
        answer=version.answer,
        phrasings=tuple(version.phrasings),
        category=version.category or "",
        tags=tuple(version.tags),
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        audience=version.audience,
        complaint_topic=version.complaint_topic,
        related=tuple(version.related),
        file=version.file,
    )


def version_row(
    article_id: int, number: int, content: ArticleContent, author: str, note: str | None, now: datetime
) -> ArticleVersion:
    """The row of a new version."""
    return ArticleVersion(
        article_id=article_id,
        version=number,
        question=content.question,
        phrasings=list(content.phrasings),
        answer=content.answer,
        category=content.category or None,
        tags=list(content.tags),
        valid_from=content.valid_from,
        valid_until=content.valid_until,
        audience=content.audience,
        complaint_topic=content.complaint_topic,
        related=list(content.related),
        file=content.file,
        author=author,
        note=note,
        digest=content.digest,
        at=now,
    )


def sliced(items: Sequence[T]) -> Iterable[Sequence[T]]:
    """`items` in portions that fit into one statement."""
    return (items[i : i + _SLICE] for i in range(0, len(items), _SLICE))


async def find_row(
    session: ReadSession, key: str, language: str | None = None, for_update: bool = False
) -> Article | None:
    """The article, in any state; without `language` that of the language it was first written in."""
    query = select(Article).where(Article.key == key).order_by(Article.id).limit(1)
    if language is not None:
        query = query.where(Article.language == language)
    return await session.scalar(query.with_for_update() if for_update else query)


async def list_languages(session: ReadSession, key: str) -> set[str]:
    """In which languages customers get the article."""
    query = select(Article.language).where(Article.key == key, Article.published_version.is_not(None))
    return set(await session.scalars(query))


async def find_version(session: ReadSession, article_id: int, version: int) -> ArticleVersion | None:
    same = (ArticleVersion.article_id == article_id, ArticleVersion.version == version)
    return await session.scalar(select(ArticleVersion).where(*same))


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles are listed; None does not narrow. `text` is looked for in key, question, phrasings and answer."""

    text: str | None = None
    status: ArticleStatus | None = None
    category: str | None = None
    language: str | None = None


async def list_articles(
    session: ReadSession, wanted: ArticleFilter, limit: int | None = None, after: int | None = None
) -> list[tuple[Article, ArticleVersion]]:
    """Articles with their newest version, in the order in which they were made; `after`: the id to go on from."""
    query = select(Article, ArticleVersion).join(ArticleVersion, _IS_NEWEST).order_by(Article.id)
    for condition in _conditions(wanted):
        query = query.where(condition)
    if after is not None:
        query = query.where(Article.id > after)
    return [(article, version) for article, version in await session.execute(query.limit(limit))]


def _conditions(wanted: ArticleFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.text:
        inside = (Article.key, ArticleVersion.question, cast(ArticleVersion.phrasings, Text), ArticleVersion.answer)
        yield or_(*(column.icontains(wanted.text, autoescape=True) for column in inside))
    if wanted.status is not None:
        yield Article.status == wanted.status
    if wanted.category is not None:
        yield func.coalesce(ArticleVersion.category, "") == wanted.category
    if wanted.language is not None:
        yield Article.language == wanted.language


async def list_questions(session: ReadSession, without_sample: bool) -> list[tuple[str, str, str]]:
    """Key, language and newest question of every article."""
    query = (
        select(Article.key, Article.language, ArticleVersion.question)
        .select_from(Article)
        .join(ArticleVersion, _IS_NEWEST)
    )
    rows = await session.execute(query.where(Article.sample.is_(False)) if without_sample else query)
    return [(*row,) for row in rows]


async def find_newest(session: ReadSession, keys: Collection[str]) -> list[tuple[Article, ArticleVersion]]:
    """The articles with these keys, each with its newest version."""
    query = select(Article, ArticleVersion).join(ArticleVersion, _IS_NEWEST).where(Article.key.in_(keys))
    return [(article, version) for article, version in await session.execute(query)]


async def find_keys(session: ReadSession, keys: Collection[str]) -> set[str]:
    """Those of `keys` that an article has which is not archived."""
    query = select(Article.key).where(Article.key.in_(keys), Article.status != ArticleStatus.ARCHIVED)
    return set(await session.scalars(query))


async def list_asked_the_same(
    session: ReadSession, key: str, language: str, question: str
) -> list[tuple[Article, ArticleVersion]]:
    """Other articles, also drafts, whose newest question is just this."""
    query = select(Article, ArticleVersion).join(ArticleVersion, _IS_NEWEST)
    query = query.where(Article.key != key, Article.language == language, Article.status != ArticleStatus.ARCHIVED)
    rows = await session.execute(query.where(ArticleVersion.question == question).order_by(Article.id).limit(3))
    return [(article, version) for article, version in rows]


async def list_names(session: ReadSession, without_sample: bool) -> list[tuple[int, str, str]]:
    """Id, key and language of every article that is not archived."""
    query = select(Article.id, Article.key, Article.language).where(Article.status != ArticleStatus.ARCHIVED)
    rows = await session.execute(query.where(Article.sample.is_(False)) if without_sample else query)
    return [(*row,) for row in rows]


async def list_statuses(session: ReadSession, ids: Sequence[int]) -> list[tuple[tuple[str, str], ArticleStatus]]:
    """(Key and language) with the status of these articles."""
    query = select(Article.key, Article.language, Article.status).where(Article.id.in_(ids)).order_by(Article.id)
    return [((key, language), status) for key, language, status in await session.execute(query)]


async def sample_names(session: ReadSession) -> frozenset[tuple[str, str]]:
    """Key and language of the sample shop's articles."""
    rows = await session.execute(select(Article.key, Article.language).where(Article.sample))
    return frozenset((key, language) for key, language in rows)


async def archive_rows(session: WriteSession, ids: Sequence[int], now: datetime) -> None:
    values: dict[str, object] = {"status": ArticleStatus.ARCHIVED, "published_version": None, "updated_at": now}
    values |= dict.fromkeys(("pending_version", "pending_at", "pending_state", "pending_detail"))
    values |= {"pending_forced": False}
    await session.execute(update(Article).where(Article.id.in_(ids)).values(values))
