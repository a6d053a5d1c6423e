"""What is served: everything a search needs, built beside the served one, saved and mapped, swapped whole."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np

from knowledge_base import storage
from knowledge_base.article_facts import article_facts, article_from
from knowledge_base.choosing import Belief, choose
from knowledge_base.codes import CodeIndex
from knowledge_base.encoding import Encoder, Kept, Rows, encode_texts
from knowledge_base.head import Head
from knowledge_base.lexical import Floats, inverse_frequency
from knowledge_base.neighbours import Marks, NearestRows
from knowledge_base.questions import ALL_STEPS, Reader, Reading, Step, Synonyms, SynonymTable
from knowledge_base.ranking import (
    ANSWER_NOISE,
    NEIGHBOURS,
    SHIPPED,
    WORDING_NOISE,
    Calibrator,
    Places,
    Ranked,
    by_article,
    join,
    local_regression,
    merge,
)
from knowledge_base.semantic import Embedder
from knowledge_base.shelf import Shelf
from knowledge_base.showing import Showing
from knowledge_base.text import fold, language_of
from knowledge_base.values import IndexedArticle, Outcome, SearchContext, SearchResult, Thresholds

ANYBODY = SearchContext()
_SHRUNK, _GROWN = 0.8, 1.25


@dataclass(frozen=True)
class Snapshot:
    """A searchable state of the knowledge base; immutable, safe to share between threads.

    Row i of `near` encodes `shelf.texts[i]`. `head` is None until one has been fitted (see `training`).
    """

    shelf: Shelf
    synonyms: Synonyms
    thresholds: Thresholds
    near: NearestRows
    encoder: Encoder
    calibrator: Calibrator = SHIPPED
    head: Head | None = None
    steps: frozenset[Step] = ALL_STEPS

    def search(self, text: str, context: SearchContext = ANYBODY) -> SearchResult:
        """The best articles for a customer's text. CPU bound, a few milliseconds."""
        return self.search_all([(text, context)])[0]

    def search_all(self, asked: Sequence[tuple[str, SearchContext]]) -> list[SearchResult]:
        """The same for several texts: what they mean is computed together, at a third of the cost of each alone."""
        readings = [self._read(text, context) for text, context in asked]
        texts = [text for reading in readings if reading for text in reading.texts]
        questions = self.encoder.encode(texts) if texts else None
        results, start = [], 0
        for (text, context), reading in zip(asked, readings, strict=True):
            if reading is None or questions is None:
                results.append(SearchResult(Outcome.NONE, 0.0))
                continue
            end = start + len(reading.texts)
            results.append(self._result(text, context, reading, questions.take(np.arange(start, end))))
            start = end
        return results

    def _read(self, text: str, context: SearchContext) -> Reading | None:
        """None: there is nothing to search for, or nothing to find."""
        return self._reader.read(text, context) if fold(text) and self.shelf.texts else None

    def _result(self, text: str, context: SearchContext, reading: Reading, questions: Rows) -> SearchResult:
        whole, *rest = self._beliefs(reading.texts, questions, context.audience)
        others, further = rest[: len(reading.others)], iter(rest[len(reading.others) :])
        parts = [list(islice(further, len(ways))) for ways in reading.parts]
        choice = choose(whole, others, parts, self.thresholds.answer)
        show = Showing(self.shelf, context.language or language_of(fold(text)), context.audience)
        return show.result(choice.main, choice.further, self.thresholds)

    @cached_property
    def content_hash(self) -> str:
        """Names what is served: articles, synonyms, thresholds, models, calibration and whether a head is fitted."""
        articles = [article_facts(article) for article in self.shelf.articles]
        facts = [articles, self._settings(), self.head is not None]
        return sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def save(self, directory: Path) -> None:
        """Writes what `load` maps."""
        articles = [article_facts(article) for article in self.shelf.articles]
        facts = {"articles": articles, "texts": self.shelf.texts, **self._settings()}
        facts["head"] = self.head.keys if self.head else None
        rows = self.near.rows
        arrays: dict[str, storage.Array] = {"vectors": rows.vectors, "meaning": rows.meaning, "scripts": rows.scripts}
        arrays |= {"idf": self.encoder.idf, "basis": self.near.basis, "shadows": self.near.shadows}
        arrays |= {"sources": self.shelf.sources, "answers": self.shelf.answers}
        if self.head:
            arrays |= {"head_weights": self.head.weights, "head_offsets": self.head.offsets}
        storage.write(directory, facts, arrays)

    @classmethod
    def load(cls, directory: Path, embedder: Embedder) -> Self:
        """A saved snapshot, mapped. Raises FileNotFoundError when there is none, ValueError for another embedder's."""
        facts, arrays = storage.read(directory)
        if facts["embedder"] != embedder.name:
            raise ValueError(f"the snapshot was built with {facts['embedder']}, not with {embedder.name}")
        synonyms = tuple(tuple(group) for group in facts["synonyms"])
        articles = [article_from(row) for row in facts["articles"]]
        shelf = Shelf.restored(articles, facts["texts"], np.asarray(arrays["sources"]), np.asarray(arrays["answers"]))
        encoder = Encoder(embedder, arrays["idf"])
        rows = Rows(arrays["vectors"], arrays["meaning"], arrays["scripts"], encoder.letters)
        near = NearestRows(rows, arrays["basis"], arrays["shadows"])
        head = _head(facts["head"], arrays)
        thresholds = Thresholds(**facts["thresholds"])
        return cls(shelf, synonyms, thresholds, near, encoder, Calibrator(**facts["calibrator"]), head)

    def _settings(self) -> dict[str, Any]:
        return {
            "synonyms": self.synonyms,
            "thresholds": asdict(self.thresholds),
            "calibrator": asdict(self.calibrator),
            "embedder": self.encoder.embedder.name,
        }

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.shelf.wordings, SynonymTable(self.synonyms), self.steps)

    @cached_property
    def _codes(self) -> CodeIndex:
        return CodeIndex(self.shelf.texts)

    def _beliefs(self, texts: Sequence[str], questions: Rows, audience: str) -> list[Belief]:
        among = self.shelf.readable(audience)
        shares = self.head.aligned(questions, self.shelf.keys) if self.head else [None] * len(texts)
        favours = [self._codes.favour(text) if Step.CODES in self.steps else None for text in texts]
        ranked = [
            self.rank(questions.take(np.array([i])), among, share, favour)
            for i, (share, favour) in enumerate(zip(shares, favours, strict=True))
        ]
        return [
            Belief(one.articles, self.calibrator.probability(one.evidence, bool(chinese)))
            for one, chinese in zip(ranked, questions.chinese, strict=True)
        ]

    def rank(self, question: Rows, among: Marks, share: Floats | None, favour: Floats | None = None) -> Ranked:
        """Articles for one question, best first, by the marked rows and the head's probabilities of all articles.

        `favour` is added to each row's likeness.
        """
        glance = self.near.glance(question)
        if favour is not None:
            glance += favour
        kin = self.near.rows.chinese == question.chinese
        scored = self._regress(question, glance, among & kin, NEIGHBOURS)
        if not kin.all():
            scored = join(scored, self._regress(question, glance, among & ~kin, NEIGHBOURS // 2))
        return merge(*scored, share)

    def _regress(self, question: Rows, glance: Floats, among: Marks, most: int) -> tuple[Places, Floats]:
        near = self.near.pick(question, glance, among, most)
        noise = np.where(self.shelf.answers[near.places], ANSWER_NOISE, WORDING_NOISE)
        return by_article(local_regression(near.likeness, near.rows, noise), self.shelf.owners[near.places])


def build_snapshot(
    articles: Sequence[IndexedArticle],
    embedder: Embedder,
    synonyms: Synonyms = (),
    thresholds: Thresholds | None = None,
    previous: Snapshot | None = None,
) -> Snapshot:
    """Builds what is served from the published articles.

    `previous` lends the vectors of wordings that have not changed, its head and its calibrator, so that an edit is
    live at once; `training.fit` renews head and calibrator behind it. Without `thresholds` those of `previous` hold.
    """
    older = previous.shelf if previous is not None and previous.synonyms == synonyms else None
    shelf = Shelf.of(articles, SynonymTable(synonyms), older)
    lender = previous if previous is not None and previous.encoder.embedder.name == embedder.name else None
    settled = thresholds or (previous.thresholds if previous else Thresholds())
    if lender is None:
        encoder = Encoder(embedder, inverse_frequency(shelf.texts))
        near = NearestRows.over(encode_texts(shelf.texts, encoder))
        return Snapshot(shelf, synonyms, settled, near, encoder)
    like = _SHRUNK < (len(shelf.texts) + 1) / (len(lender.shelf.texts) + 1) < _GROWN
    encoder = Encoder(embedder, lender.encoder.idf if like else inverse_frequency(shelf.texts))
    kept = Kept(lender.shelf.texts, lender.near.rows, like)
    rows = encode_texts(shelf.texts, encoder, kept)
    near = lender.near.renewed(rows, kept.places(shelf.texts)) if like else NearestRows.over(rows)
    return Snapshot(shelf, synonyms, settled, near, encoder, lender.calibrator, lender.head)


def _head(keys: list[str] | None, arrays: dict[str, storage.Array]) -> Head | None:
    if keys is None:
        return None
    return Head(tuple(keys), np.asarray(arrays["head_weights"]), np.asarray(arrays["head_offsets"]))
