"""From likeness to belief: scores by article, confidence, and what to do about it. Pure.

Articles are scored by kernel ridge regression over the texts nearest to the question (local learning, Bottou and
Vapnik 1992): the kernel is exp(b (cos - 1)), the target one where a text belongs to the article. Nothing is trained,
so an edit counts at once. Where a linear head has been fitted, its probabilities are added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoding import Rows, cosines
from knowledge_base.lexical import Floats
from knowledge_base.values import Outcome, Thresholds

NEIGHBOURS = 96
SHARPNESS = 6.0
#: What is added to the kernel of each text with itself: an answer tells less of how it is asked for.
WORDING_NOISE, ANSWER_NOISE = np.float32(0.1), np.float32(1.0)
HEAD_IN_RANKING = 1.0
HEAD_IN_CONFIDENCE = 0.2
_LEAST_EVIDENCE = np.float32(0.02)
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Evidence to probability: a sigmoid (Platt 1999) of its logarithm, so that no evidence means no belief.

    `chinese` is added for questions in Chinese characters: fewer models speak for them, so evidence weighs otherwise.
    """

    slope: float
    offset: float
    chinese: float = 0.0

    def probability(self, evidence: Floats, is_chinese: bool = False) -> Floats:
        offset = self.offset + (self.chinese if is_chinese else 0.0)
        exponent = np.clip(-(self.slope * log_evidence(evidence) + offset), -30, 30)
        belief: Floats = (1 / (1 + np.exp(exponent))).astype(np.float32)
        return belief


def log_evidence(evidence: Floats) -> Floats:
    logarithm: Floats = np.log(np.maximum(evidence, _LEAST_EVIDENCE))
    return logarithm


#: For knowledge bases too small to fit one: fitted on the sample shop's wordings, each left out in turn.
SHIPPED = Calibrator(slope=2.6, offset=5.8)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Articles (by number) best first, with the evidence for each."""

    articles: Places
    evidence: Floats


def kernel(likeness: Floats) -> Floats:
    raised: Floats = np.exp(np.float32(SHARPNESS) * (likeness - 1))
    return raised


def local_regression(question: Floats, near: Rows, noise: Floats | np.float32) -> Floats:
    """Weight of each of the near texts in the prediction; `question` is their likeness to it, (m,)."""
    between = kernel(cosines(near, near))
    between[np.diag_indices_from(between)] += noise
    weights: Floats = np.linalg.solve(between, kernel(question))
    return weights


def by_article(weights: Floats, owners: NDArray[np.int32]) -> tuple[Places, Floats]:
    """Sums the texts' weights by the article that owns them."""
    articles, place = np.unique(owners, return_inverse=True)
    return articles.astype(np.intp), np.bincount(place, weights, minlength=len(articles)).astype(np.float32)


def join(native: tuple[Places, Floats], foreign: tuple[Places, Floats]) -> tuple[Places, Floats]:
    """The better of two scores of each article: by wordings in the question's own script and by those in another."""
    articles, place = np.unique(np.concatenate([native[0], foreign[0]]), return_inverse=True)
    scores = np.full(len(articles), -1, np.float32)
    np.maximum.at(scores, place, np.concatenate([native[1], foreign[1]]))
    return articles, scores


def merge(articles: Places, regression: Floats, head: Floats | None) -> Ranked:
    """Ranks by regression plus head; the evidence leans on the regression, which knows what it has never seen.

    `head` holds the head's probability of every article, or is None where no head was fitted.
    """
    belief = head[articles] if head is not None else np.zeros_like(regression)
    order = np.argsort(-(regression + np.float32(HEAD_IN_RANKING) * belief), kind="stable")
    evidence = regression + np.float32(HEAD_IN_CONFIDENCE) * _beyond_chance(belief, head)
    return Ranked(articles[order], evidence[order])


def _beyond_chance(belief: Floats, head: Floats | None) -> Floats:
    """Of two articles one always gets half of the head's belief: that is no evidence."""
    if head is None:
        return belief
    chance = np.float32(1 / len(head))
    more: Floats = np.maximum(belief - chance, 0) / (1 - chance)
    return more


def decide(probabilities: Sequence[float], thresholds: Thresholds) -> Outcome:
    """Answer when sure enough; offer the best few when one of them may well be it; otherwise say so."""
    if not probabilities:
        return Outcome.NONE
    if probabilities[0] >= thresholds.answer:
        return Outcome.ANSWER
    return Outcome.CLARIFY if probabilities[0] >= thresholds.clarify else Outcome.NONE
