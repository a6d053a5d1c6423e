"""Likeness of letters: TF-IDF over hashed character n-grams, searched through an inverted index."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from knowledge_base.text import letter_groups

BUCKETS = 1 << 18


def bucket_counts(folded: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Hashed n-grams of a text and their damped counts, 1 + ln(tf)."""
    counts = Counter(crc32(group.encode()) % BUCKETS for group in letter_groups(folded))
    ids = np.fromiter(counts.keys(), np.int32, len(counts))
    weights = 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
    return ids, weights.astype(np.float32)


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Postings by bucket: `rows[starts[b]:starts[b+1]]` hold bucket b with unit-length TF-IDF `weights`."""

    size: int
    idf: NDArray[np.float32]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]

    @classmethod
    def build(cls, texts: Sequence[str]) -> Self:
        """Index of folded texts, one row each."""
        counted = [bucket_counts(text) for text in texts]
        rows = np.repeat(np.arange(len(texts), dtype=np.int32), [len(ids) for ids, _ in counted])
        buckets = np.concatenate([ids for ids, _ in counted] or [np.empty(0, np.int32)])
        weights = np.concatenate([tf for _, tf in counted] or [np.empty(0, np.float32)])
        frequency = np.bincount(buckets, minlength=BUCKETS)
        idf = np.log((1 + len(texts)) / (1 + frequency)).astype(np.float32) + 1
        weights = weights * idf[buckets]
        lengths = np.sqrt(np.bincount(rows, weights * weights, minlength=len(texts)))
        weights = (weights / np.maximum(lengths[rows], 1e-9)).astype(np.float32)
        order = np.argsort(buckets, kind="stable")
        starts = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
        return cls(len(texts), idf, starts, rows[order], weights[order])

    def cosines(self, folded: str) -> NDArray[np.float32]:
        """Cosine of a folded text with every row."""
        ids, weights = bucket_counts(folded)
        weights = weights * self.idf[ids]
        weights /= max(float(np.linalg.norm(weights)), 1e-9)
        scores = np.zeros(self.size, np.float32)
        for bucket, weight in zip(ids.tolist(), weights.tolist(), strict=True):
            span = slice(self.starts[bucket], self.starts[bucket + 1])
            scores[self.rows[span]] += weight * self.weights[span]
        return scores
