"""One vector a text: what it means beside how it is written, and how alike two of them are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import Floats, project_all
from knowledge_base.semantic import Embedder
from knowledge_base.text import has_han, tokens

LETTERS_BESIDE_MEANING = 0.1225
LETTERS_ALONE = 1.0
_LATIN, _HAN = 1, 2
_BATCH = 1024
_TRACE = np.float32(1e-3)


@dataclass(frozen=True, slots=True)
class Rows:
    """Encoded texts.

    `vectors` is (n, meaning + letters), float32 or float16; `meaning` the squared length of the first part;
    `scripts` tells Latin (1) and Chinese (2) letters; `letters` is the weight of the second part.
    """

    vectors: NDArray[np.float32] | NDArray[np.float16]
    meaning: Floats
    scripts: NDArray[np.uint8]
    letters: float

    def __len__(self) -> int:
        return len(self.meaning)

    @property
    def chinese(self) -> NDArray[np.bool_]:
        """Marks the rows with Chinese characters: among themselves, and among the others, likeness is a true cosine."""
        marks: NDArray[np.bool_] = (self.scripts & _HAN) > 0
        return marks

    def take(self, places: NDArray[np.intp]) -> Self:
        """These rows, as float32."""
        return type(self)(widened(self.vectors[places]), self.meaning[places], self.scripts[places], self.letters)


def widened(vectors: NDArray[np.float16] | Floats) -> Floats:
    """As float32. By whole numbers, since a cast takes up to nine times as long over very small ones, as letters are.

    float16's exponent counts from 15, float32's from 127: the bits moved into place and scaled by the difference.
    """
    if vectors.dtype == np.float32:
        return vectors.astype(np.float32, copy=False)
    bits = vectors.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= ~0x70000000  # the sign stays in front
    whole: Floats = bits.view(np.float32)
    whole *= np.float32(2.0**112)
    return whole


class Encoder:
    """Turns folded texts into rows with one embedder and one n-gram weighting."""

    def __init__(self, embedder: Embedder, idf: Floats) -> None:
        self.embedder = embedder
        self.idf = idf
        self.letters = LETTERS_BESIDE_MEANING if embedder.dimensions else LETTERS_ALONE
        self._letter_dimensions = 512 if embedder.dimensions else 1024

    @property
    def dimensions(self) -> int:
        return self.embedder.dimensions + self._letter_dimensions

    def encode(self, texts: Sequence[str]) -> Rows:
        meaning = self.embedder.encode(texts)
        letters = self.letters_of(texts)
        squared = np.einsum("ij,ij->i", meaning, meaning)
        scripts = np.array([script_of(text) for text in texts], np.uint8)
        return Rows(np.concatenate([meaning, letters], axis=1), squared, scripts, self.letters)

    def letters_of(self, texts: Sequence[str]) -> Floats:
        """The second part of the rows alone."""
        weighted: Floats = project_all(texts, self.idf, self._letter_dimensions) * np.float32(self.letters**0.5)
        return weighted


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows encoded earlier with the same embedder; `same_letters` when the n-gram weighting is the same too."""

    texts: Sequence[str]
    rows: Rows
    same_letters: bool

    def places(self, texts: Sequence[str]) -> NDArray[np.intp]:
        """Where each of `texts` lies among those that were kept; -1: nowhere."""
        place = {text: i for i, text in enumerate(self.texts)}
        return np.array([place.get(text, -1) for text in texts], np.intp)


def encode_texts(texts: Sequence[str], encoder: Encoder, kept: Kept | None = None) -> Rows:
    """All texts as float16 rows; what was kept is copied, the rest encoded in batches."""
    vectors = np.zeros((len(texts), encoder.dimensions), np.float16)
    rows = Rows(vectors, np.zeros(len(texts), np.float32), np.zeros(len(texts), np.uint8), encoder.letters)
    places = kept.places(texts) if kept else np.full(len(texts), -1)
    if kept is not None:
        _copy(texts, places, kept, encoder, rows)
    fresh = np.flatnonzero(places < 0)
    for start in range(0, len(fresh), _BATCH):
        batch = fresh[start : start + _BATCH]
        _put(rows, batch, encoder.encode([texts[i] for i in batch.tolist()]))
    return rows


def _copy(texts: Sequence[str], places: NDArray[np.intp], kept: Kept, encoder: Encoder, rows: Rows) -> None:
    known = np.flatnonzero(places >= 0)
    if not len(known):
        return
    old = places[known]
    rows.vectors[known] = kept.rows.vectors[old]
    rows.meaning[known], rows.scripts[known] = kept.rows.meaning[old], kept.rows.scripts[old]
    if not kept.same_letters:
        rows.vectors[known, encoder.embedder.dimensions :] = encoder.letters_of([texts[i] for i in known.tolist()])


def _put(rows: Rows, places: NDArray[np.intp], new: Rows) -> None:
    rows.vectors[places] = new.vectors
    rows.meaning[places] = new.meaning
    rows.scripts[places] = new.scripts


def script_of(folded: str) -> int:
    han = _HAN if has_han(folded) else 0
    latin = _LATIN if any(not has_han(token) for token in tokens(folded)) else 0
    return han | latin


def likeness(products: Floats, left: Rows, right: Rows) -> Floats:
    """Cosines from dot products (left x right): each pair is measured by the parts that both of them have."""
    meaning = np.minimum(left.meaning[:, None], right.meaning[None, :])
    shared = (left.scripts[:, None] & right.scripts[None, :]) > 0
    common = meaning + np.float32(left.letters) * shared
    cosine: Floats = np.where(common > _TRACE, products / np.maximum(common, _TRACE), np.float32(0))
    return cosine


def cosines(left: Rows, right: Rows) -> Floats:
    """(n, m) likeness of float32 rows."""
    products: Floats = widened(left.vectors) @ widened(right.vectors).T
    return likeness(products, left, right)


def unit(rows: Rows) -> Floats:
    """The rows' vectors at length one, for a linear head."""
    length = np.sqrt(rows.meaning + np.float32(rows.letters))
    scaled: Floats = widened(rows.vectors) / length[:, None]
    return scaled
