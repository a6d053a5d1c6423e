"""Editing articles: every change is a new version with its author; what is published is what customers get."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge_base import repository
from knowledge_base.content import LANGUAGES, ArticleContent, checked, checked_key
from knowledge_base.models import Article, ArticleVersion
from knowledge_base.repository import content_of, version_row
from knowledge_base.values import ArticleStatus
from staff import audit

_SHOWN_IN_AUDIT = 200
_EDITABLE = (ArticleStatus.DRAFT, ArticleStatus.REVIEW)


class UnknownArticle(NotFound):
    code = "unknown_article"


class StaleVersion(Conflict):
    code = "stale_version"


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with the words of one of its versions, as a rule the newest."""

    article: Article
    row: ArticleVersion

    @property
    def content(self) -> ArticleContent:
        return content_of(self.row)


@dataclass(frozen=True, slots=True)
class Edit:
    """Who changes something, when, and why."""

    by: str
    now: datetime
    note: str | None = None


async def create_article(
    session: WriteSession,
    key: str,
    language: str,
    content: ArticleContent,
    edit: Edit,
    status: ArticleStatus = ArticleStatus.DRAFT,
) -> StoredArticle:
    """A new article, published at once if `status` says so.

    Raises:
        Conflict: there is one with this key in this language; an archived one is edited and published again instead.
        InvalidInput: no usable key, an unknown language, or a status that an article cannot begin with.
    """
    checked_key(key)
    if language not in LANGUAGES:
        raise InvalidInput(f"language must be one of {', '.join(LANGUAGES)}", {"language": "unknown"})
    if status not in (*_EDITABLE, ArticleStatus.PUBLISHED):
        raise InvalidInput(f"a new article cannot be {status.value}", {"status": "not for a new article"})
    if await repository.find_row(session, key, language):
        raise Conflict(f"there is an article {key!r} in {language} already; edit that one")
    article = Article(key=key, language=language, status=status, version=1, created_at=edit.now, updated_at=edit.now)
    session.add(article)
    await session.flush()
    row = await _add_version(session, article, content, edit)
    _record(session, article, "create", edit, {"version": (None, 1)})
    if status is ArticleStatus.PUBLISHED:
        article.published_version = 1
        await repository.touch(session, edit.now)
    return StoredArticle(article, row)


async def edit_article(
    session: WriteSession,
    key: str,
    language: str,
    version: int,
    changes: Mapping[str, object],
    edit: Edit,
    status: ArticleStatus = ArticleStatus.DRAFT,
) -> StoredArticle:
    """Lays `changes` over the newest version and makes a draft of it; customers keep what is published.

    Raises:
        UnknownArticle
        StaleVersion: `version` is not the newest any more.
        InvalidInput: a field that does not exist or has a wrong value; or a status that is not draft or review.
    """
    if status not in _EDITABLE:
        raise InvalidInput(
            "an edit makes a draft or asks for review; publish it afterwards", {"status": "draft, review"}
        )
    stored = await get_article(session, key, language, for_update=True)
    article, before = stored.article, stored.content
    _check_version(article, version)
    after = checked(before.model_dump() | dict(changes))
    if after == before and status is article.status:
        return stored
    row = stored.row
    if after != before:
        article.version += 1
        row = await _add_version(session, article, after, edit)
    article.status, article.updated_at = status, edit.now
    _record(session, article, "edit", edit, _differences(before, after))
    return StoredArticle(article, row)


async def publish_article(
    session: WriteSession,
    key: str,
    language: str,
    edit: Edit,
    *,
    version: int | None = None,
    at: datetime | None = None,
    four_eyes: bool = False,
) -> StoredArticle:
    """Gives the newest version to customers, in every process within two seconds; `at`: from that instant on.

    Raises:
        UnknownArticle
        StaleVersion: `version` is given and is not the newest any more.
        NotAllowed: `four_eyes`, and `edit.by` wrote it.
    """
    stored = await get_article(session, key, language, for_update=True)
    article = stored.article
    if version is not None:
        _check_version(article, version)
    if four_eyes and stored.row.author == edit.by:
        raise NotAllowed(f"{edit.by} wrote this version: somebody else has to publish it (KEFU_FOUR_EYES)")
    if at is not None and at > edit.now:
        _plan(session, article, at, edit)
    elif article.published_version != article.version or article.status is not ArticleStatus.PUBLISHED:
        changes = {"published_version": (article.published_version, article.version)}
        _record(session, article, "publish", edit, changes)
        _go_live(article, article.version, edit.now)
    else:
        return stored
    await repository.touch(session, edit.now)
    return stored


def _plan(session: WriteSession, article: Article, at: datetime, edit: Edit) -> None:
    changes = {"pending_version": (article.pending_version, article.version), "at": (None, at.isoformat())}
    _record(session, article, "schedule", edit, changes)
    article.pending_version, article.pending_at = article.version, at
    article.pending_state, article.pending_detail = repository.SCHEDULED, None
    article.updated_at = edit.now


async def publish_due(session: WriteSession, now: datetime) -> int:
    """Writes down what has been published by its date; it is served from that instant on whether or not this runs."""
    due = await repository.find_due(session, now)
    for article in due:
        _record(
            session,
            article,
            "publish",
            Edit("schedule", now),
            {"published_version": (article.published_version, article.pending_version)},
        )
        _go_live(article, article.pending_version or article.version, now)
    if due:
        await repository.touch(session, now)
    return len(due)


def _go_live(article: Article, version: int, now: datetime) -> None:
    """`version` is what customers get; a newer draft stays a draft."""
    article.published_version, article.updated_at = version, now
    if version == article.version:
        article.status = ArticleStatus.PUBLISHED
    clear_pending(article)


async def archive_article(session: WriteSession, key: str, language: str, edit: Edit) -> StoredArticle:
    """Takes an article away from customers; its versions stay.

    Raises:
        UnknownArticle
    """
    stored = await get_article(session, key, language, for_update=True)
    article = stored.article
    if article.status is ArticleStatus.ARCHIVED:
        return stored
    _record(session, article, "archive", edit, {"status": (article.status, ArticleStatus.ARCHIVED)})
    was_served = article.published_version is not None
    article.published_version, article.status, article.updated_at = None, ArticleStatus.ARCHIVED, edit.now
    clear_pending(article)
    if was_served:
        await repository.touch(session, edit.now)
    return stored


async def get_article(
    session: ReadSession, key: str, language: str | None = None, for_update: bool = False
) -> StoredArticle:
    """The newest version; without `language` that of the first language it was written in.

    Raises:
        UnknownArticle
    """
    article = await repository.find_row(session, key, language, for_update)
    row = await repository.find_version(session, article.id, article.version) if article else None
    if article is None or row is None:
        raise UnknownArticle(f"there is no article {key!r}" + (f" in {language}" if language else ""))
    return StoredArticle(article, row)


def _check_version(article: Article, version: int) -> None:
    if version != article.version:
        raise StaleVersion(
            f"the article is at version {article.version} now, you have {version}: read it again",
            {"version": article.version},
        )


async def _add_version(session: WriteSession, article: Article, content: ArticleContent, edit: Edit) -> ArticleVersion:
    row = version_row(article.id, article.version, content, edit.by, edit.note, edit.now)
    session.add(row)
    await session.flush()
    return row


def clear_pending(article: Article) -> None:
    """Nothing waits to be published any more."""
    article.pending_version = article.pending_at = article.pending_state = article.pending_detail = None


def _differences(before: ArticleContent, after: ArticleContent) -> dict[str, tuple[Any, Any]]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {field: (_short(old[field]), _short(new[field])) for field in old if old[field] != new[field]}


def _short(value: Any) -> Any:
    return value[:_SHOWN_IN_AUDIT] if isinstance(value, str) else value


def _record(
    session: WriteSession, article: Article, action: str, edit: Edit, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    name = f"article:{article.key}:{article.language}"
    audit.record(
        session, actor=edit.by, action=f"article.{action}", object=name, now=edit.now, changes=changes, note=edit.note
    )
