"""Labelled questions and a search -> the figures of `kefu kb eval`. Pure."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.values import LabelledExample, Outcome, SearchContext, SearchResult

_OFFERED = 0.5
Search = Callable[[str, SearchContext], SearchResult]


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled question with what the search made of it."""

    example: LabelledExample
    result: SearchResult
    milliseconds: float

    @property
    def ranked(self) -> tuple[str, ...]:
        return tuple(candidate.article for candidate in self.result.candidates)

    @property
    def right(self) -> bool:
        """The best candidate is the expected article."""
        return self.example.article is not None and self.ranked[:1] == (self.example.article,)

    @property
    def answered(self) -> bool:
        return self.result.outcome is Outcome.ANSWER

    @property
    def clarified_correctly(self) -> bool:
        return self.result.outcome is Outcome.CLARIFY and self.example.article in self.ranked[:3]

    @property
    def worth(self) -> float:
        """One for the right answer, or none where nothing answers it; half for the right one among choices."""
        if self.example.article is None:
            return float(not self.answered)
        return _OFFERED * self.clarified_correctly + float(self.answered and self.right)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Questions whose confidence fell between `low` and `high`: how sure the search was, how often it was right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def judge(examples: Sequence[LabelledExample], search: Search) -> list[Judged]:
    """Asks each question once, in order, and times it."""
    return [_judge_one(example, search) for example in examples]


def _judge_one(example: LabelledExample, search: Search) -> Judged:
    started = time.perf_counter()
    result = search(example.question, SearchContext(language=example.language))
    return Judged(example, result, (time.perf_counter() - started) * 1000)


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """The shape `eval` of the contract; shares of an empty group are null."""
    inside = [j for j in judged if j.example.article is not None]
    outside = [j for j in judged if j.example.article is None]
    return {
        "questions": len(judged),
        "in_scope": _in_scope(inside),
        "out_of_scope": _out_of_scope(outside),
        "auroc": auroc([j.result.confidence for j in inside], [j.result.confidence for j in outside]),
        "latency_ms": latency([j.milliseconds for j in judged]),
        "confusions": confusions(inside),
    }


def _in_scope(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "n": len(judged),
        "top1": _share([j.right for j in judged]),
        "recall_at_3": _share([j.example.article in j.ranked[:3] for j in judged]),
        "answered": _share([j.answered for j in judged]),
        "answered_correctly": _share([j.answered and j.right for j in judged]),
        "clarified_correctly": _share([j.clarified_correctly for j in judged]),
    }


def _out_of_scope(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "n": len(judged),
        "refused": _share([j.result.outcome is Outcome.NONE for j in judged]),
        "not_answered": _share([not j.answered for j in judged]),
    }


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Probability that an answerable question got more confidence than an unanswerable one (ties count half)."""
    if not inside or not outside:
        return None
    low, high = np.sort(np.asarray(outside)), np.asarray(inside)
    below = np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")
    return round(float(below.mean() / 2 / len(low)), 4)


def latency(milliseconds: Sequence[float]) -> dict[str, float | None]:
    if not milliseconds:
        return {"p50": None, "p99": None}
    p50, p99 = np.percentile(np.asarray(milliseconds), [50, 99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2)}


def confusions(judged: Sequence[Judged], most: int = 20) -> list[list[Any]]:
    """[expected, given, count] of wrong best candidates, most frequent first."""
    pairs = Counter((j.example.article or "", j.ranked[0]) for j in judged if j.ranked and not j.right)
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return [[expected, given, count] for (expected, given), count in ordered[:most]]


def weakest_articles(judged: Sequence[Judged], most: int = 10) -> list[tuple[str, float, int]]:
    """(key, share of its questions that found it first, questions), weakest first."""
    asked: dict[str, list[bool]] = {}
    for j in judged:
        if j.example.article is not None:
            asked.setdefault(j.example.article, []).append(j.right)
    rows = [(key, sum(hits) / len(hits), len(hits)) for key, hits in asked.items()]
    return sorted(rows, key=lambda row: (row[1], -row[2], row[0]))[:most]


def reliability(judged: Sequence[Judged], bins: int = 10) -> list[ReliabilityBin]:
    """Confidence against accuracy in `bins` equal steps; empty ones are left out. Unanswerable ones count as wrong."""
    confidence, right = _outcomes(judged)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return [_bin(i, bins, confidence[place == i], right[place == i]) for i in range(bins) if (place == i).any()]


def _bin(i: int, bins: int, confidence: NDArray[np.float64], right: NDArray[np.float64]) -> ReliabilityBin:
    return ReliabilityBin(i / bins, (i + 1) / bins, len(right), float(confidence.mean()), float(right.mean()))


def calibration_error(judged: Sequence[Judged], bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017): mean gap of confidence and accuracy, weighted by bin size."""
    rows = reliability(judged, bins)
    total = sum(row.count for row in rows) or 1
    return sum(row.count * abs(row.confidence - row.accuracy) for row in rows) / total


def _outcomes(judged: Sequence[Judged]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    confidence = np.array([j.result.confidence for j in judged], np.float64)
    return confidence, np.array([j.right for j in judged], np.float64)
