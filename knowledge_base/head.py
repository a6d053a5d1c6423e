"""A linear head over the texts' vectors, served with numpy alone."""

from dataclasses import dataclass

import numpy as np

from knowledge_base.encoding import Rows, unit
from knowledge_base.lexical import Floats


@dataclass(frozen=True, slots=True)
class Head:
    """Softmax regression: `weights` (articles, dimensions), `offsets` (articles); `keys` name the articles."""

    keys: tuple[str, ...]
    weights: Floats
    offsets: Floats

    def probabilities(self, questions: Rows) -> Floats:
        """(questions, articles), each row sums to one."""
        logits = unit(questions) @ self.weights.T + self.offsets
        logits -= logits.max(axis=1, keepdims=True)
        raised = np.exp(logits)
        shares: Floats = raised / raised.sum(axis=1, keepdims=True)
        return shares

    def aligned(self, questions: Rows, keys: tuple[str, ...]) -> Floats:
        """`probabilities` in the order of `keys`; an article that the head has not seen gets zero."""
        if keys == self.keys:
            return self.probabilities(questions)
        place = {key: i for i, key in enumerate(self.keys)}
        columns = np.array([place.get(key, len(self.keys)) for key in keys])
        known = np.pad(self.probabilities(questions), ((0, 0), (0, 1)))
        shares: Floats = known[:, columns]
        return shares
