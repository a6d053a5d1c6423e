"""One batch of an import in one transaction: compared with what is there, then written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.database import ReadSession, WriteSession
from knowledge_base import repository
from knowledge_base.article_audit import Edit, differences, record
from knowledge_base.article_form import ArticleRow, BadCell, folded_question
from knowledge_base.articles import clear_pending
from knowledge_base.import_plan import Change, Decision, Known, Name, Wanted, decide
from knowledge_base.models import Article, ArticleVersion
from knowledge_base.repository import content_of, sliced, version_row
from knowledge_base.values import ArticleStatus


@dataclass(frozen=True, slots=True)
class Chosen:
    """What becomes of an article, and what is there of it."""

    decision: Decision
    article: Article | None
    row: ArticleVersion | None


async def keys_by_question(
    session: ReadSession, read: Sequence[Sequence[ArticleRow]], without_sample: bool
) -> dict[Name, str]:
    """Keys of the articles that are there, by language and folded question, if any row needs one."""
    if all(parts[0].key for parts in read):
        return {}
    rows = await repository.list_questions(session, without_sample)
    return {(language, folded_question(question)): key for key, language, question in rows}


async def decide_batch(
    session: ReadSession, names: Sequence[Name], wanted: Wanted, *, without_sample: bool, four_eyes: bool
) -> dict[Name, Chosen]:
    """What becomes of each of `names`; a row that can become no article moves to the rejected ones."""
    rows = await repository.find_newest(session, {key for key, _ in names})
    there = {(a.key, a.language): (a, row) for a, row in rows if not (a.sample and without_sample)}
    chosen: dict[Name, Chosen] = {}
    for name in names:
        article, row = there.get(name, (None, None))
        try:
            decision = decide(wanted.articles[name], _known(article, row), four_eyes=four_eyes)
            chosen[name] = Chosen(decision, article, row)
        except BadCell as bad:
            wanted.reject(wanted.articles.pop(name).row, bad.column, bad.reason)
    return chosen


def _known(article: Article | None, row: ArticleVersion | None) -> Known | None:
    if article is None or row is None:
        return None
    return Known(content_of(row), article.status, article.published_version == article.version)


async def store_batch(session: WriteSession, chosen: Mapping[Name, Chosen], edit: Edit) -> None:
    """Writes new articles and new versions of those that changed."""
    changed = {name: one for name, one in chosen.items() if one.decision.change is not Change.UNCHANGED}
    articles = {name: one.article or _new(name, edit) for name, one in changed.items()}
    session.add_all(articles.values())
    await session.flush()
    for name, one in changed.items():
        article, content = articles[name], one.decision.content
        _record(session, name, one, article.status, edit)
        if one.row is None or one.row.digest != content.digest:
            article.version += 1
            session.add(version_row(article.id, article.version, content, edit.by, edit.note, edit.now))
        _set_status(article, one.decision.status)
        article.updated_at, article.sample = edit.now, False
    await session.flush()


def _record(session: WriteSession, name: Name, one: Chosen, before: ArticleStatus, edit: Edit) -> None:
    """Who changed what: an entry an article, as if somebody had typed it."""
    decision = one.decision
    changes = differences(content_of(one.row) if one.row else None, decision.content)
    changes |= {"status": (None if one.row is None else before, decision.status)}
    record(session, name, "create" if one.row is None else "edit", edit, changes)


def _new(name: Name, edit: Edit) -> Article:
    key, language = name
    return Article(
        key=key,
        language=language,
        status=ArticleStatus.DRAFT,
        version=0,
        created_at=edit.now,
        updated_at=edit.now,
    )


def _set_status(article: Article, status: ArticleStatus) -> None:
    article.status = status
    if status in (ArticleStatus.PUBLISHED, ArticleStatus.ARCHIVED):
        article.published_version = article.version if status is ArticleStatus.PUBLISHED else None
        clear_pending(article)


async def list_missing(session: ReadSession, names: Collection[Name], without_sample: bool) -> list[int]:
    """Ids of the articles that are not archived and not among `names`."""
    rows = await repository.list_names(session, without_sample)
    return [article_id for article_id, key, language in rows if (key, language) not in names]


async def archive(session: WriteSession, ids: Sequence[int], edit: Edit) -> int:
    """Takes the articles away from customers; returns how many."""
    for portion in sliced(ids):
        for name, status in await repository.list_statuses(session, portion):
            record(session, name, "archive", edit, {"status": (status, ArticleStatus.ARCHIVED)})
        await repository.archive_rows(session, portion, edit.now)
    return len(ids)
