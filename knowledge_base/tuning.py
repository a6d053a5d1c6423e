"""The shop's own thresholds, from its own labelled questions.

Each question is worth something to the customer: a right answer most, the right one among choices less, a wrong answer
costs more than silence. Thresholds are the middle of those that are best on resampled questions (bagging, Breiman
1996), so that a handful of questions does not pull them about.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.database import ReadSession, WriteSession
from core.errors import InvalidInput
from knowledge_base import repository
from knowledge_base.article_audit import Edit
from knowledge_base.evaluation import Judged
from knowledge_base.lexical import Floats
from knowledge_base.values import Thresholds
from staff import audit

FEWEST = 40
_RIGHT, _WRONG = 1.0, -1.7
_OFFERED, _OFFERED_IN_VAIN = 0.5, -0.15
_GRID = [round(0.05 + 0.025 * step, 3) for step in range(37)]
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Tuned:
    """New thresholds, and what the labelled questions are worth with the old and with the new ones.

    They are the old ones where others are worth no more.
    """

    thresholds: Thresholds
    before: dict[str, float]
    after: dict[str, float]
    questions: int

    def shape(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Labelled questions as columns: how sure, whether the best is right, whether the right one is offered."""

    sure: Floats
    right: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    answerable: NDArray[np.bool_]

    def take(self, places: NDArray[np.int64]) -> "_Asked":
        return _Asked(self.sure[places], self.right[places], self.offered[places], self.answerable[places])

    def worth(self, thresholds: Thresholds) -> float:
        answered = self.sure >= thresholds.answer
        offered = ~answered & (self.sure >= thresholds.clarify)
        value = np.where(answered, np.where(self.right, _RIGHT, _WRONG), 0.0)
        value = np.where(offered, np.where(self.offered, _OFFERED, _OFFERED_IN_VAIN), value)
        return float(value.mean())

    def best(self) -> Thresholds:
        """The two do not hang together: what is gained above the one is lost between the two, whatever the other."""
        clarify = max(_GRID, key=lambda low: self.worth(Thresholds(2.0, low)))
        higher = [high for high in _GRID if high >= clarify]
        answer = max(higher, key=lambda high: self.worth(Thresholds(high, clarify)))
        return Thresholds(answer, clarify)


def tune(judged: Sequence[Judged], current: Thresholds) -> Tuned:
    """Raises InvalidInput where there are too few labelled questions to go by."""
    if len(judged) < FEWEST:
        raise InvalidInput(f"{len(judged)} labelled questions are too few to tune by: at least {FEWEST} are needed")
    asked = _columns(judged)
    rng = np.random.default_rng(0)
    best = [asked.take(rng.integers(0, len(judged), len(judged))).best() for _ in range(_DRAWS)]
    answer = round(float(np.mean([one.answer for one in best])), 3)
    clarify = round(float(np.mean([one.clarify for one in best])), 3)
    found = Thresholds(answer, min(answer, clarify))
    if asked.worth(found) <= asked.worth(current):
        found = current
    return Tuned(found, _figures(asked, current), _figures(asked, found), len(judged))


def _columns(judged: Sequence[Judged]) -> _Asked:
    return _Asked(
        np.array([j.result.confidence for j in judged], np.float32),
        np.array([j.right for j in judged]),
        np.array([j.example.article is not None and j.example.article in j.ranked[:3] for j in judged]),
        np.array([j.example.article is not None for j in judged]),
    )


def _figures(asked: _Asked, thresholds: Thresholds) -> dict[str, float]:
    answered = asked.sure >= thresholds.answer
    inside, outside = asked.answerable, ~asked.answerable
    return {
        "answer": thresholds.answer,
        "clarify": thresholds.clarify,
        "answered_correctly": _mean((answered & asked.right)[inside]),
        "answered_wrongly": _mean((answered & ~asked.right)[inside]),
        "not_answered": _mean(~answered[outside]),
        "worth": round(asked.worth(thresholds), 4),
    }


def _mean(marks: NDArray[np.bool_]) -> float:
    return round(float(marks.mean()), 4) if marks.size else 0.0


async def read_thresholds(session: ReadSession) -> Thresholds:
    """The shop's own, or the shipped ones."""
    state = await repository.read_state(session)
    return (state.thresholds if state else None) or Thresholds()


async def store_thresholds(session: WriteSession, tuned: Tuned, edit: Edit) -> None:
    """Sets them for every process, with the figures behind them."""
    state = await repository.touch(session, edit.now)
    before = state.thresholds or Thresholds()
    state.thresholds, state.figures = tuned.thresholds, {"tuned": tuned.shape(), "at": edit.now.isoformat()}
    changes = {
        "answer": (before.answer, tuned.thresholds.answer),
        "clarify": (before.clarify, tuned.thresholds.clarify),
    }
    audit.record(
        session,
        actor=edit.by,
        action="thresholds.tune",
        object="knowledge",
        now=edit.now,
        changes=changes,
        note=edit.note,
    )
