"""Which reading of a text to believe, and which further questions in it to answer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.lexical import Floats
from knowledge_base.ranking import Places

MOST_FURTHER = 2
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


@dataclass(frozen=True, slots=True)
class Choice:
    main: Belief
    further: tuple[Belief, ...] = ()


def choose(whole: Belief, others: Sequence[Belief], parts: Sequence[Sequence[Belief]], sure: float) -> Choice:
    """The whole text, unless another reading or a sentence of it is understood and the whole is not.

    `parts`: of each sentence the belief as it was typed, then those of its other readings.
    """
    whole = _understood(whole, others, sure)
    believed = [_understood(typed, heard, sure) for typed, *heard in parts]
    confident = _distinct([part for part in believed if part.confidence >= sure])
    main = _main(whole, confident, sure)
    surer = [part for part in confident if part.confidence >= min(sure + FURTHER_SURER, 0.95)]
    return Choice(main, tuple(part for part in surer if part.best != main.best)[:MOST_FURTHER])


def _understood(typed: Belief, others: Sequence[Belief], sure: float) -> Belief:
    if typed.confidence >= sure:
        return typed
    return max([typed, *others], key=lambda belief: belief.confidence)


def _main(whole: Belief, confident: Sequence[Belief], sure: float) -> Belief:
    """The first sentence that is understood, when the whole is not, or lies between two sentences."""
    if not confident:
        return whole
    between = len(confident) > 1 and all(part.best != whole.best for part in confident)
    return confident[0] if whole.confidence < sure or between else whole


def _distinct(beliefs: Sequence[Belief]) -> list[Belief]:
    first: dict[int, Belief] = {}
    for belief in beliefs:
        first.setdefault(belief.best, belief)
    return list(first.values())
