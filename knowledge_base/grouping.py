"""Which questions belong together: each joins the group whose mean is near enough, or begins one. Pure.

On questions of 40 topics each (BANKING77, CLINC150; pairs in one group) precision and recall were .50 and .54, .89 and
.47 with the packaged encoders at 0.55; the groups are a help for somebody who reads them, not a decision.
"""

from dataclasses import dataclass

import numpy as np

from knowledge_base.encoding import Rows, unit
from knowledge_base.lexical import Floats

#: From this likeness on a question joins a group: with a model of meaning, and by letters alone.
NEAR_BY_MEANING, NEAR_BY_LETTERS = 0.55, 0.45
#: So many questions make the mean; later ones leave it where it is, so that a group does not wander off.
_STEADY = 20


@dataclass(frozen=True, slots=True)
class Encoded:
    """Questions at length one each; `encoder` names what they can be compared with, `near` is its threshold."""

    vectors: Floats
    scripts: tuple[int, ...]
    encoder: str
    near: float

    @classmethod
    def of(cls, rows: Rows, encoder: str, *, has_meaning: bool) -> "Encoded":
        near = NEAR_BY_MEANING if has_meaning else NEAR_BY_LETTERS
        return cls(unit(rows), tuple(int(script) for script in rows.scripts), encoder, near)


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


def nearest(vector: Floats, script: int, means: list[Mean], near: float) -> int | None:
    """The place of the mean that the question belongs to; None: it is like none of them."""
    if not means:
        return None
    alike = np.stack([mean.vector for mean in means]) @ vector
    shared = np.array([bool(mean.script & script) for mean in means])
    alike[~shared] = -1.0
    best = int(alike.argmax())
    return best if alike[best] >= near else None
