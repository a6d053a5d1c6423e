"""Which reading of a text to believe, and which further questions in it to answer. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.lexical import Floats
from knowledge_base.ranking import Places

MOST_FURTHER = 2
_LEAST = 0.001
FURTHER_SURER = 0.15


@dataclass(frozen=True, slots=True)
class Belief:
    """Articles by number, best first, with the probability of each."""

    articles: Places
    probabilities: Floats

    @property
    def best(self) -> int:
        return int(self.articles[0]) if len(self.articles) else -1

    @property
    def confidence(self) -> float:
        return float(self.probabilities[0]) if len(self.probabilities) else 0.0

    def logit(self, article: int) -> float:
        """How much speaks for the article, within one in a thousand; nothing does for one that was not found."""
        found = np.flatnonzero(self.articles == article)
        probability = float(self.probabilities[found[0]]) if len(found) else 0.0
        within = min(max(probability, _LEAST), 1 - _LEAST)
        return math.log(within / (1 - within))


@dataclass(frozen=True, slots=True)
class Choice:
    main: Belief
    further: tuple[Belief, ...] = ()


def choose(whole: Belief, others: Sequence[Belief], parts: Sequence[Sequence[Belief]], sure: float) -> Choice:
    """The whole text; where it is not understood, what it and its sentences together speak for.

    `others`: beliefs about other readings of the whole. `parts`: of each sentence the belief as it was typed, then
    those of its other readings.
    """
    whole = _understood(whole, others, sure)
    believed = [_understood(typed, heard, sure) for typed, *heard in parts]
    confident = _distinct([part for part in believed if part.confidence >= sure])
    main = _main(whole, believed, sure)
    surer = [part for part in confident if part.confidence >= min(sure + FURTHER_SURER, 0.95)]
    return Choice(main, tuple(part for part in surer if part.best != main.best)[:MOST_FURTHER])


def _understood(typed: Belief, others: Sequence[Belief], sure: float) -> Belief:
    if typed.confidence >= sure:
        return typed
    return max([typed, *others], key=lambda belief: belief.confidence)


def _main(whole: Belief, sentences: Sequence[Belief], sure: float) -> Belief:
    """The whole, or a surer sentence of it when the whole is not understood or lies between two sentences that are.

    Which one, the whole and the sentence that knows most of it tell together: a sentence alone lacks what the
    others say of the matter, and the whole is thinned by what is beside it.
    """
    confident = {sentence.best for sentence in sentences if sentence.confidence >= sure}
    lies_between = len(confident) > 1 and whole.best not in confident
    if whole.confidence >= sure and not lies_between:
        return whole

    def together(one: Belief) -> tuple[float, float]:
        said = max((sentence.logit(one.best) for sentence in sentences), default=0.0)
        return whole.logit(one.best) + said, one.confidence

    least = min(whole.confidence, sure)
    return max([whole, *(sentence for sentence in sentences if sentence.confidence >= least)], key=together)


def _distinct(beliefs: Sequence[Belief]) -> list[Belief]:
    first: dict[int, Belief] = {}
    for belief in beliefs:
        first.setdefault(belief.best, belief)
    return list(first.values())
