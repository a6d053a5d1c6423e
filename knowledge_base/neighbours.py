"""The texts nearest to a question, among a hundred thousand, in milliseconds.

Up to a few thousand rows are compared exactly. Beyond that the principal directions are compared first (float32, small
enough for the memory bus) and the best of them exactly.
"""

import mmap
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoding import Rows, cosines, likeness, widened
from knowledge_base.lexical import Floats
from knowledge_base.ranking import Places

EXACT_UP_TO = 2_000
_DIRECTIONS = 128
_SAMPLE = 4_000
_SPARE = 64
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Picked:
    """Some rows (float32) with their places among all and the likeness to the question."""

    places: Places
    likeness: Floats
    rows: Rows


@dataclass(frozen=True, slots=True)
class NearestRows:
    """Searches `rows`; `basis` (d, k) and `shadows` (n, k) are empty where the search is exact."""

    rows: Rows
    basis: Floats
    shadows: Floats

    @classmethod
    def over(cls, rows: Rows) -> Self:
        if len(rows) <= EXACT_UP_TO:
            return cls(rows, np.zeros((0, 0), np.float32), widened(rows.vectors))
        basis = _principal_directions(rows)
        return cls(rows, basis, _shadows(rows, basis))

    def renewed(self, rows: Rows, places: Places) -> Self:
        """Over other rows that are much the same: row i was row `places[i]` here, or is new (-1)."""
        if not self.basis.size or len(rows) <= EXACT_UP_TO:
            return self.over(rows)
        shadows = np.empty((len(rows), self.basis.shape[1]), np.float32)
        known, new = np.flatnonzero(places >= 0), np.flatnonzero(places < 0)
        shadows[known] = self.shadows[places[known]]
        shadows[new] = _shadows(rows.take(new), self.basis)
        return type(self)(rows, self.basis, shadows)

    def glance(self, question: Rows) -> Floats:
        """Likeness of every row to one question; near enough to shortlist by where the search is not exact."""
        whole: Floats = widened(question.vectors)
        shadow: Floats = whole @ self.basis if self.basis.size else whole
        products: Floats = shadow @ self.shadows.T
        alike: Floats = likeness(products, question, self.rows)[0]
        return alike

    def pick(self, question: Rows, wished: Floats, among: Marks, most: int) -> Picked:
        """The `most` best rows among the marked ones, in no order.

        `wished` is `glance`, plus what speaks for or against a row beside its likeness; where the glance was not
        exact, the shortlist is compared again.
        """
        places = np.flatnonzero(among)
        if not self.basis.size:
            places = places[_top(wished[places], most)]
            return Picked(places, wished[places], self._whole(places))
        places = places[_top(wished[places], most + _SPARE)]
        rows = self.rows.take(places)
        _let_go(self.rows.vectors)
        shadow: Floats = widened(question.vectors) @ self.basis
        roughly = likeness(shadow @ self.shadows[places].T, question, rows)[0]
        exact = wished[places] - roughly + cosines(question, rows)[0]
        best = _top(exact, most)
        return Picked(places[best], exact[best], rows.take(best))

    def _whole(self, places: Places) -> Rows:
        """Where the search is exact, the shadows are the rows themselves, as float32 already."""
        rows = self.rows
        return Rows(self.shadows[places], rows.meaning[places], rows.scripts[places], rows.letters)


def _let_go(vectors: NDArray[Any]) -> None:
    """The pages that a few rows brought in count as this process's memory: a hundred rows bring in the whole file."""
    if isinstance(vectors.base, mmap.mmap):
        vectors.base.madvise(mmap.MADV_DONTNEED)


def _top(scores: Floats, most: int) -> Places:
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.argpartition(-scores, most)[:most]


def _principal_directions(rows: Rows) -> Floats:
    step = max(1, len(rows) // _SAMPLE)
    sample = widened(rows.vectors[::step])
    _, directions = np.linalg.eigh(sample.T @ sample)
    basis: Floats = np.ascontiguousarray(directions[:, -_DIRECTIONS:])
    return basis


def _shadows(rows: Rows, basis: Floats) -> Floats:
    shadows = np.empty((len(rows), basis.shape[1]), np.float32)
    for start in range(0, len(rows), 4096):
        shadows[start : start + 4096] = widened(rows.vectors[start : start + 4096]) @ basis
    return shadows
