"""A model of a few lines, which tells what it was asked to encode."""

from collections.abc import Sequence

import numpy as np

from knowledge_base.semantic import Vectors


class CountingEmbedder:
    """One direction a word; remembers what it encoded."""

    name = "counting"
    dimensions = 64

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[[sum(word.encode()) % self.dimensions for word in text.split()]] = 1
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit
