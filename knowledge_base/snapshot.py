"""What is served: everything a search needs, built beside the served one, saved and mapped, swapped whole."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import LexicalIndex
from knowledge_base.semantic import Embedder
from knowledge_base.text import fold, language_of
from knowledge_base.values import (
    Answer,
    Audience,
    Candidate,
    IndexedArticle,
    Outcome,
    SearchContext,
    SearchResult,
    Thresholds,
)

ANYBODY = SearchContext()
Synonyms = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A searchable state of the knowledge base; immutable, safe to share between threads."""

    articles: tuple[IndexedArticle, ...]
    synonyms: Synonyms
    thresholds: Thresholds
    content_hash: str
    lexical: LexicalIndex
    keys: tuple[str, ...]
    owners: NDArray[np.int32]

    def search(self, text: str, context: SearchContext = ANYBODY) -> SearchResult:
        """The best articles for a customer's text. CPU bound, a few milliseconds."""
        scores = self._article_scores(fold(text), context.audience)
        best = [int(i) for i in np.argsort(-scores)[:3] if scores[i] > 0]
        language = context.language or language_of(fold(text))
        candidates = tuple(self._candidate(i, float(scores[i]), language) for i in best)
        if not candidates:
            return SearchResult(Outcome.NONE, 0.0)
        confidence = candidates[0].score
        outcome = self._outcome(confidence)
        answer = self._answer(best[0], confidence, language) if outcome is Outcome.ANSWER else None
        return SearchResult(outcome, confidence, answer, (), candidates)

    def save(self, directory: Path) -> None:
        """Writes what `load` maps."""
        directory.mkdir(parents=True, exist_ok=True)
        meta = {
            "articles": [asdict(a) for a in self.articles],
            "synonyms": self.synonyms,
            "thresholds": asdict(self.thresholds),
        }
        (directory / "snapshot.json").write_text(json.dumps(meta, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, directory: Path, embedder: Embedder) -> Self:
        """A saved snapshot, mapped; raises FileNotFoundError when there is none."""
        meta = json.loads((directory / "snapshot.json").read_text("utf-8"))
        articles = [_article(row) for row in meta["articles"]]
        synonyms = tuple(tuple(group) for group in meta["synonyms"])
        return cls.build(articles, synonyms, Thresholds(**meta["thresholds"]))

    @classmethod
    def build(cls, articles: Sequence[IndexedArticle], synonyms: Synonyms, thresholds: Thresholds) -> Self:
        ordered = tuple(sorted(articles, key=lambda a: (a.key, a.language)))
        keys = tuple(dict.fromkeys(a.key for a in ordered))
        number = {key: i for i, key in enumerate(keys)}
        wordings = [(fold(w), number[a.key]) for a in ordered for w in a.wordings]
        owners = np.array([owner for _, owner in wordings], np.int32)
        content = json.dumps([[asdict(a) for a in ordered], synonyms, asdict(thresholds)], ensure_ascii=False)
        digest = sha256(content.encode()).hexdigest()
        return cls(ordered, synonyms, thresholds, digest, LexicalIndex.build([w for w, _ in wordings]), keys, owners)

    def _article_scores(self, folded: str, audience: str) -> NDArray[np.float32]:
        scores = np.zeros(len(self.keys), np.float32)
        np.maximum.at(scores, self.owners, self.lexical.cosines(folded))
        if audience == Audience.CUSTOMER:
            for i, key in enumerate(self.keys):
                if all(a.audience != Audience.CUSTOMER for a in self.articles if a.key == key):
                    scores[i] = 0
        return scores

    def _outcome(self, confidence: float) -> Outcome:
        if confidence >= self.thresholds.answer:
            return Outcome.ANSWER
        return Outcome.CLARIFY if confidence >= self.thresholds.clarify else Outcome.NONE

    def _version(self, i: int, language: str) -> IndexedArticle:
        versions = [a for a in self.articles if a.key == self.keys[i]]
        return next((a for a in versions if a.language == language), versions[0])

    def _candidate(self, i: int, score: float, language: str) -> Candidate:
        article = self._version(i, language)
        return Candidate(article.key, article.language, article.version, article.question, score)

    def _answer(self, i: int, confidence: float, language: str) -> Answer:
        article = self._version(i, language)
        return Answer(article.key, article.language, article.version, confidence, article.answer)


def _article(row: dict[str, Any]) -> IndexedArticle:
    return IndexedArticle(**{**row, "phrasings": tuple(row["phrasings"]), "related": tuple(row["related"])})


def build_snapshot(
    articles: Sequence[IndexedArticle],
    embedder: Embedder,
    synonyms: Synonyms = (),
    thresholds: Thresholds | None = None,
    previous: Snapshot | None = None,
    *,
    refit: bool = True,
) -> Snapshot:
    """Builds what is served from the published articles.

    `previous` lends its vectors by content hash; with `refit=False` its head too, so that an edit is live at once.
    """
    return Snapshot.build(articles, synonyms, thresholds or Thresholds())
