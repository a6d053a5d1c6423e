"""Likeness of meaning: what turns sentences into vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Sentences to rows of `dimensions` numbers; `name` changes whenever the vectors would."""

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class NoEmbedder:
    """Letters only, for small machines."""

    name = "none"
    dimensions = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 0), np.float32)


def load_embedder(setting: str = "auto") -> tuple[Embedder, tuple[str, ...]]:
    """The embedder for `KEFU_EMBEDDER` and what is missing, in words for `kefu doctor`."""
    return NoEmbedder(), ()
