"""Taking a person's questions out of what was made of them: groups' means, wordings of articles, the audit book."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.database import Database, ReadSession, WriteSession
from knowledge_base import repository
from knowledge_base.article_form import folded_question
from knowledge_base.gap_list import as_wordings
from knowledge_base.models import Article, ArticleVersion, QuestionGroup, QuestionLog
from staff.models import AuditEntry


async def forget_wordings(database: Database, customers: Collection[int], now: datetime) -> int:
    """What only these customers asked is no wording of any article any more; returns how many rows were changed.

    Before their questions are blanked: afterwards nothing tells which they were. A group's mean is made anew from the
    questions of others that are left (`gaps.take_up_again`); without any the group is like nothing any more.
    """
    hers = QuestionLog.customer_id.in_(customers)
    async with database.read() as session:
        query = select(QuestionLog.group_id).where(hers, QuestionLog.group_id.is_not(None)).distinct()
        groups = list(await session.scalars(query.order_by(QuestionLog.group_id)))
    changed = 0
    for number in filter(None, groups):
        async with database.write() as session:
            group = await session.get_one(QuestionGroup, number, with_for_update=True)
            group.vector, group.encoder = b"", ""
            wordings = await _asked_by_them_alone(session, number, customers)
            changed += 1 + await _forget_in_articles(session, group, wordings, now)
    return changed


#: For `customers.privacy.Erasing.elsewhere`.
FORGETTING = {"articles' wordings": forget_wordings}


async def _asked_by_them_alone(session: ReadSession, group: int, customers: Collection[int]) -> set[str]:
    rows = await session.execute(select(QuestionLog.customer_id, QuestionLog.text).where(QuestionLog.group_id == group))
    theirs, others = set[str](), set[str]()
    for customer, text in rows:
        (theirs if customer in customers else others).update(map(folded_question, as_wordings([text])))
    return theirs - others - {""}


async def _forget_in_articles(
    session: WriteSession, group: QuestionGroup, wordings: Collection[str], now: datetime
) -> int:
    if group.article is None or not wordings:
        return 0
    same = (Article.key == group.article, Article.language == group.language)
    query = select(ArticleVersion).join(Article).where(*same).with_for_update(of=ArticleVersion)
    versions = [row for row in await session.scalars(query) if _drop_from(row, wordings)]
    entries = select(AuditEntry).where(AuditEntry.object == f"article:{group.article}:{group.language}")
    noted = [entry for entry in await session.scalars(entries) if _drop_from_entry(entry, wordings)]
    if versions:
        await session.flush()
        await repository.touch(session, now)
    return len(versions) + len(noted)


def _drop_from(row: ArticleVersion, wordings: Collection[str]) -> bool:
    """Whether it had any of them. A version says what it said, but for these."""
    left = _without(row.phrasings, wordings)
    if left == row.phrasings:
        return False
    row.phrasings = left
    row.digest = repository.content_of(row).digest
    return True


def _drop_from_entry(entry: AuditEntry, wordings: Collection[str]) -> bool:
    changes: Mapping[str, Sequence[Any]] = entry.changes or {}
    listed = changes.get("phrasings", ())
    left = [_without(side, wordings) if isinstance(side, list) else side for side in listed]
    if left == list(listed):
        return False
    entry.changes = {**changes, "phrasings": left}
    return True


def _without(phrasings: Iterable[str], wordings: Collection[str]) -> list[str]:
    return [one for one in phrasings if folded_question(one) not in wordings]
