"""Two searches over the same labelled questions: which questions each serves better, and whether that is chance. Pure.

Paired: a question that both serve alike says nothing about which is better.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InvalidInput
from knowledge_base.evaluation import Judged

_DRAWS = 10_000
_FORM = "kefu-eval-1"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was made of one question: the article given first, the outcome, and what that is worth to the customer."""

    question: str
    language: str | None
    expected: str | None
    given: str | None
    outcome: str
    worth: float

    @classmethod
    def of(cls, judged: Judged) -> "Verdict":
        example, best = judged.example, next(iter(judged.ranked), None)
        return cls(example.question, example.language, example.article, best, judged.result.outcome.value, judged.worth)

    @property
    def name(self) -> tuple[str | None, str]:
        return (self.language, self.question)


Pair = tuple[Verdict, Verdict]


@dataclass(frozen=True)
class Comparison:
    """Questions asked of both, before and after."""

    pairs: tuple[Pair, ...]

    @property
    def questions(self) -> int:
        return len(self.pairs)

    @cached_property
    def lost(self) -> tuple[Pair, ...]:
        """Served worse than before."""
        return tuple(pair for pair in self.pairs if pair[1].worth < pair[0].worth)

    @cached_property
    def gained(self) -> tuple[Pair, ...]:
        """Served better than before."""
        return tuple(pair for pair in self.pairs if pair[1].worth > pair[0].worth)

    @property
    def net_loss(self) -> float:
        """In questions: one that is offered as a choice and was answered before counts half."""
        return sum(before.worth - after.worth for before, after in self.pairs)

    def about(self, keys: Collection[str]) -> "Comparison":
        """Only the questions that these articles should answer, or should have answered before."""
        return Comparison(tuple(pair for pair in self.pairs if {one.expected for one in pair} & set(keys)))

    @property
    def difference(self) -> float:
        """What a question is worth more than before, on average."""
        return -self.net_loss / self.questions if self.questions else 0.0

    @property
    def chance(self) -> float:
        """Probability of a difference at least as large if both were equally good (sign test, exact: McNemar's)."""
        apart, fewer = len(self.lost) + len(self.gained), min(len(self.lost), len(self.gained))
        tail = sum(comb(apart, k) for k in range(fewer + 1))
        return min(1.0, float(2 * tail / 2**apart))

    def interval(self, seed: int = 0) -> tuple[float, float]:
        """Where 95 of 100 resampled sets of questions put the difference (bootstrap)."""
        if not self.questions:
            return 0.0, 0.0
        rises = np.array([after.worth - before.worth for before, after in self.pairs], np.float32)
        values, counts = np.unique(rises, return_counts=True)
        draws = np.random.default_rng(seed).multinomial(self.questions, counts / self.questions, _DRAWS)
        low, high = np.percentile(draws @ values / self.questions, [2.5, 97.5])
        return float(low), float(high)

    def shape(self) -> dict[str, Any]:
        low, high = self.interval()
        return {
            "questions": self.questions,
            "lost": [pair_shape(before, after) for before, after in self.lost],
            "gained": [pair_shape(before, after) for before, after in self.gained],
            "difference": round(self.difference, 4),
            "interval": [round(low, 4), round(high, 4)],
            "p": round(self.chance, 5),
        }


def compare(before: Sequence[Verdict], after: Sequence[Verdict]) -> Comparison:
    """Questions that only one of both was asked, or that are labelled otherwise now, are left out."""
    old = {(verdict.name, verdict.expected): verdict for verdict in before}
    return Comparison(tuple((old[name], new) for new in after if (name := (new.name, new.expected)) in old))


def pair_shape(before: Verdict, after: Verdict) -> dict[str, Any]:
    return {
        "question": after.question,
        "language": after.language,
        "article": after.expected,
        "before": {"outcome": before.outcome, "article": before.given},
        "after": {"outcome": after.outcome, "article": after.given},
    }


def write_verdicts(file: Path, verdicts: Sequence[Verdict]) -> None:
    """What `read_verdicts` reads: a run to compare later ones with."""
    rows = [verdict_facts(verdict) for verdict in verdicts]
    file.write_text(json.dumps({"form": _FORM, "questions": rows}, ensure_ascii=False, indent=1), "utf-8")


def read_verdicts(file: Path) -> list[Verdict]:
    """Raises InvalidInput for a file that `write_verdicts` has not written."""
    try:
        document = json.loads(file.read_text("utf-8"))
        if document["form"] != _FORM:
            raise KeyError(_FORM)
        return [verdict_from(row) for row in document["questions"]]
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(f"{file} is no earlier run: write one with kefu kb eval --save FILE") from None


def verdict_facts(verdict: Verdict) -> dict[str, Any]:
    return {name: getattr(verdict, name) for name in Verdict.__slots__}


def verdict_from(facts: Mapping[str, Any]) -> Verdict:
    return Verdict(**facts)
