"""The book of questions: what was asked (masked), what became of it, and whether it helped."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from core.database import ReadSession, WriteSession
from knowledge_base.masking import mask
from knowledge_base.models import QuestionLog
from knowledge_base.values import Outcome, SearchResult

_LONGEST = 1000
#: What may follow a question, by how much it says; the weightier one is kept. Whatever else follows weighs 2.
ASKED_AGAIN, NONE_OF_THESE, PERSON, COMPLAINT = "asked again", "none of these", "person", "complaint"
_WEIGHTS: Mapping[str | None, int] = {None: 0, ASKED_AGAIN: 1, NONE_OF_THESE: 3, PERSON: 4, COMPLAINT: 5}
#: What comes later than this has another cause.
_FOLLOWS_WITHIN = timedelta(hours=2)
#: Past the unit of work: what else waits in the session is written with its own flush.
_INSERT = insert(QuestionLog).returning(QuestionLog.id).execution_options(autoflush=False)


async def record(
    session: WriteSession, text: str, language: str, result: SearchResult, customer_id: int | None, now: datetime
) -> int:
    """Keeps a customer's question with what was found. Returns its id, for `add_feedback`."""
    given = result.answer if result.outcome is Outcome.ANSWER else None
    values = {
        "at": now,
        "language": language,
        "text": mask(text)[:_LONGEST],
        "outcome": result.outcome,
        "confidence": result.confidence,
        "article": given.article if given else None,
        "article_version": given.version if given else None,
        "candidates": [{"article": c.article, "score": round(c.score, 4)} for c in result.candidates],
        "customer_id": customer_id,
        "ungrouped": given is None and result.outcome is not Outcome.CLARIFY,
    }
    return (await session.scalars(_INSERT, values)).one()


async def add_feedback(
    session: WriteSession, question_id: int, helpful: bool | None, followed_by: str | None, now: datetime
) -> None:
    """Whether the answer helped (None: not said) and what came next; what is known already is not lost."""
    with session.no_autoflush:  # of what else waits in the session this row knows nothing
        row = await session.get(QuestionLog, question_id)
    if row is None:
        return  # its keeping time is over
    if helpful is not None:
        row.helpful = helpful
    in_time = now - row.at <= _FOLLOWS_WITHIN
    if followed_by is not None and in_time and _weight(followed_by) >= _weight(row.followed_by):
        row.followed_by = followed_by
    if row.group_id is None and _did_not_help(row):
        row.ungrouped = True


def _did_not_help(row: QuestionLog) -> bool:
    """The customer said so, or went elsewhere with it."""
    if row.helpful is not None:
        return not row.helpful
    return _weight(row.followed_by) >= _weight(NONE_OF_THESE)


def _weight(followed_by: str | None) -> int:
    return _WEIGHTS.get(followed_by, 2)


async def find_question(session: ReadSession, customer_id: int, at: datetime) -> QuestionLog | None:
    """The customer's question that was answered at that instant, or the last one shortly before it."""
    query = select(QuestionLog).where(QuestionLog.customer_id == customer_id, QuestionLog.at <= at)
    row = await session.scalar(query.order_by(QuestionLog.at.desc(), QuestionLog.id.desc()).limit(1))
    return row if row is not None and row.text and at - row.at <= _FOLLOWS_WITHIN else None
