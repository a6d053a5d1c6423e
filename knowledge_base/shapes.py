"""What scripts read about a search or an article, as the contract says it. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.shop_facts import ShopFacts
from knowledge_base.articles import StoredArticle
from knowledge_base.notices import Notice
from knowledge_base.placeholders import fill
from knowledge_base.values import Answer, SearchResult


def search_shape(result: SearchResult, took_ms: float, facts: ShopFacts) -> dict[str, Any]:
    """`ask`: what the customer would see, with the shop's facts in it, and why."""
    answer = result.answer
    return {
        "outcome": result.outcome.value,
        "article": answer.article if answer else None,
        "language": answer.language if answer else None,
        "version": answer.version if answer else None,
        "confidence": round(result.confidence, 4),
        "answer": fill(answer.text, facts, answer.language) if answer else None,
        "also": [_answer(also, facts) for also in result.also],
        "candidates": [
            {"article": c.article, "question": c.question, "score": round(c.score, 4)} for c in result.candidates[:3]
        ],
        "took_ms": round(took_ms, 1),
    }


def _answer(answer: Answer, facts: ShopFacts) -> dict[str, Any]:
    return {
        "article": answer.article,
        "language": answer.language,
        "version": answer.version,
        "confidence": round(answer.confidence, 4),
        "answer": fill(answer.text, facts, answer.language),
    }


def article_shape(stored: StoredArticle, warnings: Sequence[Notice] = ()) -> dict[str, Any]:
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
        "warnings": [asdict(warning) for warning in warnings],
    }
