"""The book of questions: what was asked (masked), what became of it, and whether it helped."""

from datetime import datetime

from core.database import WriteSession
from knowledge_base.masking import mask
from knowledge_base.models import QuestionLog
from knowledge_base.values import Outcome, SearchResult

_LONGEST = 1000


async def record(
    session: WriteSession, text: str, language: str, result: SearchResult, customer_id: int | None, now: datetime
) -> int:
    """Keeps a customer's question with what was found. Returns its id, for `add_feedback`."""
    given = result.answer if result.outcome is Outcome.ANSWER else None
    row = QuestionLog(
        at=now,
        language=language,
        text=mask(text)[:_LONGEST],
        outcome=result.outcome,
        confidence=result.confidence,
        article=given.article if given else None,
        article_version=given.version if given else None,
        candidates=[{"article": c.article, "score": round(c.score, 4)} for c in result.candidates],
        customer_id=customer_id,
    )
    session.add(row)
    await session.flush()
    return row.id


async def add_feedback(
    session: WriteSession, question_id: int, helpful: bool | None, followed_by: str | None = None
) -> None:
    """Whether the answer helped (None: not said) and what came next; what is known already is not lost."""
    row = await session.get(QuestionLog, question_id)
    if row is None:
        return  # its keeping time is over
    if helpful is not None:
        row.helpful = helpful
    if followed_by is not None:
        row.followed_by = followed_by
