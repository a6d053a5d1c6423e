"""The groups of unanswered questions, the weightiest first, and what becomes of them."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, distinct, func, select

from core.database import ReadSession, WriteSession
from core.errors import NotFound
from knowledge_base import repository
from knowledge_base.article_audit import Edit
from knowledge_base.article_form import folded_question, key_of
from knowledge_base.articles import StoredArticle, create_article, edit_article, get_article
from knowledge_base.content import LONGEST_QUESTION, MOST_PHRASINGS, TO_WRITE, checked
from knowledge_base.models import QuestionGroup, QuestionLog
from knowledge_base.question_log import COMPLAINT, PERSON
from knowledge_base.values import GroupState
from staff import audit

#: What a hand-over and a complaint cost, beside one more customer who asked.
HAND_OVER_COSTS, COMPLAINT_COSTS = 2, 4
_MOST_WORDINGS = 50
_MASKED = re.compile(r"\[(?:email|card|phone|number)\]")


class UnknownGroup(NotFound):
    code = "unknown_group"


@dataclass(frozen=True, slots=True)
class Gap:
    """A group with what it has cost. `wordings`: how it was asked, each once, in the order in which they came."""

    group: QuestionGroup
    asked: int
    customers: int
    hand_overs: int
    complaints: int
    first_at: datetime
    last_at: datetime
    wordings: tuple[str, ...]

    @property
    def question(self) -> str:
        """The first wording; empty when the keeping time of all is over."""
        return self.wordings[0] if self.wordings else ""

    @property
    def weight(self) -> int:
        return self.customers + HAND_OVER_COSTS * self.hand_overs + COMPLAINT_COSTS * self.complaints


def _followed(what: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((QuestionLog.followed_by == what, 1), else_=0)), 0)


def _counted() -> Select[Any]:
    """Each group that still has questions; who is not known counts as somebody."""
    customers = func.count(distinct(func.coalesce(QuestionLog.customer_id, -QuestionLog.id)))
    weight = customers + HAND_OVER_COSTS * _followed(PERSON) + COMPLAINT_COSTS * _followed(COMPLAINT)
    times = (func.min(QuestionLog.at), func.max(QuestionLog.at))
    counts = (func.count(QuestionLog.id), customers, _followed(PERSON), _followed(COMPLAINT))
    columns: list[ColumnElement[Any]] = [*counts, *times]
    query = select(QuestionGroup.id, *columns).join(QuestionLog, QuestionLog.group_id == QuestionGroup.id)
    return query.group_by(QuestionGroup.id).order_by(weight.desc(), QuestionGroup.id)


async def list_gaps(
    session: ReadSession,
    state: GroupState | None = GroupState.OPEN,
    language: str | None = None,
    limit: int | None = None,
    skip: int = 0,
) -> list[Gap]:
    """The weightiest first; `skip` so many."""
    query = _counted().limit(limit).offset(skip)
    if state is not None:
        query = query.where(QuestionGroup.state == state)
    if language is not None:
        query = query.where(QuestionGroup.language == language)
    return await _gaps(session, query)


async def get_gap(session: ReadSession, group_id: int, for_update: bool = False) -> Gap:
    """Raises UnknownGroup, also for one of which no question is left."""
    if for_update:
        await session.get(QuestionGroup, group_id, with_for_update=True)
    found = await _gaps(session, _counted().where(QuestionGroup.id == group_id))
    if not found:
        raise UnknownGroup(f"there is no group {group_id} of unanswered questions")
    return found[0]


async def _gaps(session: ReadSession, query: Select[Any]) -> list[Gap]:
    rows = (await session.execute(query)).all()
    ids = [row[0] for row in rows]
    found = await session.scalars(select(QuestionGroup).where(QuestionGroup.id.in_(ids)))
    groups = {group.id: group for group in found}
    wordings = await _wordings(session, ids)
    return [
        Gap(groups[number], asked, customers, hand_overs, complaints, first_at, last_at, wordings[number])
        for number, asked, customers, hand_overs, complaints, first_at, last_at in rows
    ]


async def _wordings(session: ReadSession, ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    query = select(QuestionLog.group_id, QuestionLog.text).where(QuestionLog.group_id.in_(ids), QuestionLog.text != "")
    found: dict[int | None, dict[str, str]] = {number: {} for number in ids}
    for number, text in await session.execute(query.order_by(QuestionLog.id)):
        line = " ".join(text.split())
        if len(found[number]) < _MOST_WORDINGS:
            found[number].setdefault(folded_question(line), line)
    return {number: tuple(found[number].values()) for number in ids}


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of the article to be made; the rest comes from the group."""

    question: str | None = None
    answer: str | None = None
    category: str | None = None


async def make_article(session: WriteSession, group_id: int, draft: Draft, edit: Edit) -> StoredArticle:
    """A draft with the group's wordings.

    Raises:
        UnknownGroup, InvalidInput
    """
    gap = await get_gap(session, group_id, for_update=True)
    language = gap.group.language
    question, *others = as_wordings([*([draft.question] if draft.question else []), *gap.wordings])
    content = {"question": question, "phrasings": others, "answer": draft.answer or TO_WRITE[language]}
    key = await _free_key(session, key_of(question))
    made = await create_article(session, key, language, checked(content | {"category": draft.category or ""}), edit)
    _decide(session, gap.group, GroupState.ANSWERED, edit, key)
    return made


async def add_to_article(session: WriteSession, group_id: int, key: str, edit: Edit) -> StoredArticle:
    """The group's wordings as phrasings of an article, in a draft of it.

    Raises:
        UnknownGroup, UnknownArticle
    """
    gap = await get_gap(session, group_id, for_update=True)
    stored = await get_article(session, key, gap.group.language, for_update=True)
    known = stored.content
    wordings = dict.fromkeys([*known.phrasings, *as_wordings(gap.wordings)])
    phrasings = [one for one in wordings if folded_question(one) != folded_question(known.question)][:MOST_PHRASINGS]
    changes = {"phrasings": phrasings}
    edited = await edit_article(session, key, gap.group.language, stored.article.version, changes, edit)
    _decide(session, gap.group, GroupState.ANSWERED, edit, key)
    return edited


async def dismiss(session: WriteSession, group_id: int, edit: Edit) -> Gap:
    """It stays away, also when more ask the like. Raises UnknownGroup."""
    gap = await get_gap(session, group_id, for_update=True)
    _decide(session, gap.group, GroupState.DISMISSED, edit, None)
    return gap


def as_wordings(texts: Sequence[str]) -> list[str]:
    """Without what was masked, each once; at least one."""
    kept: dict[str, str] = {}
    for text in texts:
        plain = " ".join(_MASKED.sub(" ", text).split())[:LONGEST_QUESTION]
        if folded := folded_question(plain):
            kept.setdefault(folded, plain)
    return list(kept.values()) or [texts[0] if texts else "?"]


async def _free_key(session: ReadSession, key: str) -> str:
    """`key`, or with a number behind it where there is such an article, in any language and state."""
    number, free = 2, key
    while await repository.find_row(session, free) is not None:
        number, free = number + 1, f"{key}-{number}"
    return free


def _decide(session: WriteSession, group: QuestionGroup, state: GroupState, edit: Edit, key: str | None) -> None:
    changes = {"state": (group.state, state), "article": (group.article, key)}
    audit.record(
        session,
        actor=edit.by,
        action=f"unanswered.{'dismiss' if state is GroupState.DISMISSED else 'article'}",
        object=f"unanswered:{group.id}",
        now=edit.now,
        changes=changes,
        note=edit.note,
    )
    group.state, group.article, group.decided_by, group.decided_at = state, key, edit.by, edit.now
