"""What scripts read about a search or an article, as the contract says it. Pure."""

from typing import Any

from knowledge_base.articles import StoredArticle
from knowledge_base.values import Answer, SearchResult


def search_shape(result: SearchResult, took_ms: float) -> dict[str, Any]:
    """`ask`: what the customer would see, and why."""
    answer = result.answer
    return {
        "outcome": result.outcome.value,
        "article": answer.article if answer else None,
        "language": answer.language if answer else None,
        "version": answer.version if answer else None,
        "confidence": round(result.confidence, 4),
        "answer": answer.text if answer else None,
        "also": [_answer(also) for also in result.also],
        "candidates": [
            {"article": c.article, "question": c.question, "score": round(c.score, 4)} for c in result.candidates[:3]
        ],
        "took_ms": round(took_ms, 1),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "article": answer.article,
        "language": answer.language,
        "version": answer.version,
        "confidence": round(answer.confidence, 4),
        "answer": answer.text,
    }


def article_shape(stored: StoredArticle) -> dict[str, Any]:
    """`article`, with its newest words. Times are aware datetimes, for the writer of JSON to format."""
    article, row, content = stored.article, stored.row, stored.content
    is_pending = article.pending_version is not None
    return {
        "key": article.key,
        "language": article.language,
        **content.model_dump(mode="python"),
        "status": article.status.value,
        "version": article.version,
        "published_version": article.published_version,
        "pending": {
            "version": article.pending_version,
            "at": article.pending_at,
            "state": article.pending_state,
            "detail": article.pending_detail,
        }
        if is_pending
        else None,
        "author": row.author,
        "note": row.note,
        "updated_at": article.updated_at,
        "warnings": [],
    }
