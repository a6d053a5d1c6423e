"""Which questions belong together: each joins the group whose mean is near enough, or begins one. Pure.

What all questions of a shop have in common says nothing: likeness is measured from the centre of the shop's wordings
(`python -m benchmarks groups`). The groups are a help for somebody who reads them, not a decision.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoding import Rows, unit
from knowledge_base.lexical import Floats

#: From this likeness on a question joins a group: with a model of meaning, and by letters alone (without a centre).
NEAR_BY_MEANING, NEAR_BY_LETTERS = 0.35, 0.45
#: So many wordings of the shop are looked at for its centre; fewer than some leave it nearer to nothing.
_SAMPLE, _FEW = 1_000, 20
#: So many questions make the mean; later ones leave it where it is, so that a group does not wander off.
_STEADY = 20


@dataclass(frozen=True, slots=True)
class Encoded:
    """Questions at length one each; `encoder` names what they can be compared with, `near` is its threshold.

    `centres`: for each question that of the shop's wordings in its script.
    """

    vectors: Floats
    scripts: tuple[int, ...]
    encoder: str
    near: float
    centres: Floats

    @classmethod
    def of(cls, rows: Rows, encoder: str, known: Rows | None) -> "Encoded":
        """`known`: the shop's wordings by a model of meaning; None: letters alone are compared."""
        vectors = unit(rows)
        near = NEAR_BY_LETTERS if known is None else NEAR_BY_MEANING
        centres = np.zeros_like(vectors)
        if known is not None:
            for marks in (True, False):
                centres[rows.chinese == marks] = _centre(known, np.flatnonzero(known.chinese == marks))
        return cls(vectors, tuple(int(script) for script in rows.scripts), encoder, near, centres)


def _centre(known: Rows, places: NDArray[np.intp]) -> Floats:
    if not len(places):
        return np.zeros(known.vectors.shape[1], np.float32)
    sample = unit(known.take(places[:: max(1, len(places) // _SAMPLE)]))
    centre: Floats = sample.mean(axis=0) * np.float32(len(places) / (len(places) + _FEW))
    return centre


@dataclass(slots=True)
class Mean:
    """What a group means, of `members` questions."""

    vector: Floats
    script: int
    members: int = 1

    def add(self, vector: Floats) -> None:
        if self.members < _STEADY:
            joined = self.vector * self.members + vector
            self.vector = joined / max(float(np.linalg.norm(joined)), 1e-6)
        self.members += 1

    @property
    def stored(self) -> bytes:
        return self.vector.astype(np.float16).tobytes()


def restored(vector: bytes) -> Floats:
    found: Floats = np.frombuffer(vector, np.float16).astype(np.float32)
    return found


def nearest(question: Floats, script: int, means: list[Mean], near: float, centre: Floats) -> int | None:
    """The place of the mean that the question belongs to; None: it is like none of them. Seen from `centre`."""
    if not means:
        return None
    others, own = np.stack([mean.vector for mean in means]) - centre, question - centre
    lengths = np.linalg.norm(others, axis=1) * np.linalg.norm(own)
    alike = others @ own / np.maximum(lengths, np.float32(1e-6))
    shared = np.array([bool(mean.script & script) for mean in means])
    alike[~shared] = -1.0
    best = int(alike.argmax())
    return best if alike[best] >= near else None
