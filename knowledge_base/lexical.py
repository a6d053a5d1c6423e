"""Likeness of letters: TF-IDF over character n-grams, folded into a short vector.

A sparse Johnson-Lindenstrauss projection (Kane and Nelson 2014): each n-gram adds its weight with a hashed sign at a
few hashed places, so that dot products stay what they were within about one over the root of the dimensions.
"""

from collections import Counter
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from knowledge_base.text import letter_groups

Floats = NDArray[np.float32]
BUCKETS = 1 << 16
_PLACES = 4
_MIX = np.array([2654435761, 2246822519, 3266489917, 668265263], np.uint32)


def group_counts(folded: str) -> tuple[NDArray[np.uint32], Floats]:
    """Hashed n-grams of a text with their damped counts, 1 + ln(tf)."""
    counts = Counter(crc32(group.encode()) for group in letter_groups(folded))
    hashes = np.fromiter(counts.keys(), np.uint32, len(counts))
    weights = 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
    return hashes, weights.astype(np.float32)


def inverse_frequency(texts: Sequence[str]) -> Floats:
    """ln((1 + n) / (1 + df)) + 1 by n-gram bucket, over folded texts."""
    frequency = np.zeros(BUCKETS, np.int64)
    for text in texts:
        frequency[np.unique(group_counts(text)[0] % BUCKETS)] += 1
    idf = np.log((1 + len(texts)) / (1 + frequency)) + 1
    return idf.astype(np.float32)


def project(folded: str, idf: Floats, dimensions: int) -> Floats:
    """Unit vector of a folded text (zero for one without letters); `dimensions` is a power of two."""
    hashes, weights = group_counts(folded)
    weights = weights * idf[hashes % BUCKETS]
    mixed = hashes[:, None] * _MIX[None, :_PLACES]
    places = (mixed >> np.uint32(32 - (dimensions.bit_length() - 1))).astype(np.int64)
    signs = np.where(mixed & np.uint32(1 << 12), weights[:, None], -weights[:, None])
    vector = np.bincount(places.ravel(), signs.ravel(), minlength=dimensions)
    length = float(np.sqrt(vector @ vector))
    return (vector / length if length else vector).astype(np.float32)


def project_all(texts: Sequence[str], idf: Floats, dimensions: int) -> Floats:
    """`project` row by row."""
    rows = np.zeros((len(texts), dimensions), np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[:] = project(text, idf, dimensions)
    return rows
