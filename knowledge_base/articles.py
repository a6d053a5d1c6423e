"""Editing articles: every change is a new version with its author; what is published is what customers get."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge_base import repository
from knowledge_base.article_audit import Edit, differences, record
from knowledge_base.content import LANGUAGES, TO_WRITE, ArticleContent, checked, checked_key
from knowledge_base.life import check_move
from knowledge_base.models import Article, ArticleVersion
from knowledge_base.repository import content_of, version_row
from knowledge_base.values import ArticleStatus

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


class NotByItsAuthor(NotAllowed):
    """KEFU_FOUR_EYES: somebody other than its author publishes an article."""

    code = "four_eyes"


class NotWrittenYet(Conflict):
    """The draft was made from a question; its answer is still to be written."""

    code = "answer_missing"


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
        NotByItsAuthor, NotWrittenYet: it is to be published at once.
    """
    checked_key(key)
    if language not in LANGUAGES:
        raise InvalidInput(f"language must be one of {', '.join(LANGUAGES)}", {"language": "unknown"})
    if status not in (*_EDITABLE, ArticleStatus.PUBLISHED):
        raise InvalidInput(f"a new article cannot be {status.value}", {"status": "not for a new article"})
    if await repository.find_row(session, key, language):
        raise Conflict(f"there is an article {key!r} in {language} already; edit that one")
    if status is ArticleStatus.PUBLISHED:
        check_publisher(edit, edit.by)
        _check_written(content.answer)
    article = Article(key=key, language=language, status=status, version=1, created_at=edit.now, updated_at=edit.now)
    session.add(article)
    await session.flush()
    row = await _add_version(session, article, content, edit)
    changes = {"version": (None, 1), "status": (None, status)} | differences(None, content)
    record(session, (key, language), "create", edit, changes)
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
    status: ArticleStatus | None = None,
) -> StoredArticle:
    """Lays `changes` over the newest version and makes a draft of it; customers keep what is published.

    `status` draft takes back what was asked for, a review or a dated publication; review asks for one.

    Raises:
        UnknownArticle
        StaleVersion: `version` is not the newest any more.
        InvalidInput: a field that does not exist or has a wrong value; or a status that is not draft or review.
        IllegalMove: the status may not follow.
    """
    if status not in (*_EDITABLE, None):
        raise InvalidInput(
            "an edit makes a draft or asks for review; publish it afterwards", {"status": "draft, review"}
        )
    stored = await get_article(session, key, language, for_update=True)
    article, before = stored.article, stored.content
    _check_version(article, version)
    after = checked(before.model_dump() | dict(changes))
    has_new_words = after != before
    if status is ArticleStatus.DRAFT and article.pending_version is not None:
        await _unschedule(session, article, edit)
    wanted = status or (ArticleStatus.DRAFT if has_new_words else article.status)
    if not has_new_words and wanted is article.status:
        return stored
    check_move(article.status, wanted, has_new_words=has_new_words)
    record(session, (key, language), "edit", edit, _moved(article, wanted) | differences(before, after))
    row = stored.row
    if has_new_words:
        article.version += 1
        row = await _add_version(session, article, after, edit)
    article.status, article.updated_at = wanted, edit.now
    return StoredArticle(article, row)


async def _unschedule(session: WriteSession, article: Article, edit: Edit) -> None:
    changes = {"pending_version": (article.pending_version, None)}
    record(session, (article.key, article.language), "unschedule", edit, changes)
    clear_pending(article)
    article.updated_at = edit.now
    await repository.touch(session, edit.now)


def _moved(article: Article, status: ArticleStatus) -> dict[str, tuple[Any, Any]]:
    return {"status": (article.status, status)} if status is not article.status else {}


async def publish_article(
    session: WriteSession,
    key: str,
    language: str,
    edit: Edit,
    *,
    version: int | None = None,
    at: datetime | None = None,
    forced: bool = False,
) -> StoredArticle:
    """Gives the newest version to customers, in every process within two seconds; `at`: from that instant on.

    `forced`: when its day comes it is not tried out once more (`publishing.look_at_due`).

    Raises:
        UnknownArticle
        StaleVersion: `version` is given and is not the newest any more.
        NotByItsAuthor: `edit.four_eyes`, and `edit.by` wrote it.
        NotWrittenYet: its answer is still to be written.
    """
    stored = await get_article(session, key, language, for_update=True)
    check_publishable(stored, edit, version)
    if not is_live(stored.article):
        await _publish(session, stored, edit, at)
        stored.article.pending_forced = forced and stored.article.pending_at is not None
    return stored


def check_publishable(stored: StoredArticle, edit: Edit, version: int | None = None) -> None:
    """Raises StaleVersion, NotByItsAuthor or NotWrittenYet."""
    if version is not None:
        _check_version(stored.article, version)
    if not is_live(stored.article):
        check_publisher(edit, stored.row.author)
        _check_written(stored.row.answer)


async def publish_words(session: WriteSession, stored: StoredArticle, edit: Edit, at: datetime | None = None) -> None:
    """Publishes the newest version, whose words somebody has answered for: see `history.roll_back`, `publishing`."""
    if not is_live(stored.article):
        await _publish(session, stored, edit, at)


def is_live(article: Article) -> bool:
    """Whether customers get just the newest words."""
    return article.published_version == article.version and article.status is ArticleStatus.PUBLISHED


async def _publish(session: WriteSession, stored: StoredArticle, edit: Edit, at: datetime | None) -> None:
    article = stored.article
    _check_written(stored.row.answer)
    if at is not None and at > edit.now:
        _plan(session, article, at, edit)
    else:
        changes = {"published_version": (article.published_version, article.version)}
        moved = _moved(article, ArticleStatus.PUBLISHED)
        record(session, (article.key, article.language), "publish", edit, changes | moved)
        _go_live(article, article.version, edit.now)
    await repository.touch(session, edit.now)


def check_publisher(edit: Edit, author: str) -> None:
    """Raises NotByItsAuthor."""
    if edit.four_eyes and author == edit.by:
        raise NotByItsAuthor(f"{edit.by} wrote these words: somebody else has to publish them (KEFU_FOUR_EYES)")


def _check_written(answer: str) -> None:
    if answer in TO_WRITE.values():
        raise NotWrittenYet("the answer is still to be written; edit the article first")


def _plan(session: WriteSession, article: Article, at: datetime, edit: Edit) -> None:
    changes = {"pending_version": (article.pending_version, article.version), "at": (None, at.isoformat())}
    record(session, (article.key, article.language), "schedule", edit, changes)
    article.pending_version, article.pending_at = article.version, at.astimezone(UTC)
    article.pending_state, article.pending_detail, article.pending_forced = repository.SCHEDULED, None, False
    article.updated_at = edit.now


async def publish_due(session: WriteSession, now: datetime) -> int:
    """Writes down what has been published by its date; it is served from that instant on whether or not this runs."""
    due = await repository.find_due(session, now)
    for article in due:
        changes = {"published_version": (article.published_version, article.pending_version)}
        record(session, (article.key, article.language), "publish", Edit("schedule", now), changes)
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
    record(session, (key, language), "archive", edit, _moved(article, ArticleStatus.ARCHIVED))
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
    article.pending_forced = False
