"""Knowledge bases for tests: a hand-made one, and the sample shop's articles behind the real search."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import knowledge_base
from knowledge_base import prebuilt
from knowledge_base.catalogue import Catalogue, Topic
from knowledge_base.ranking import SHIPPED
from knowledge_base.semantic import load_embedder
from knowledge_base.snapshot import Snapshot
from knowledge_base.values import (
    Answer,
    Candidate,
    IndexedArticle,
    Outcome,
    SearchContext,
    SearchResult,
)

NOTHING = SearchResult(Outcome.NONE, 0.05)
_SAMPLES = Path(knowledge_base.__file__).parent / "samples" / "articles.jsonl"


class HandMadeKnowledge:
    """Answers the texts in `results`; knows nothing else. `searched` lists what was asked."""

    def __init__(self, articles: Iterable[IndexedArticle], results: Mapping[str, SearchResult]) -> None:
        self._catalogue = Catalogue.of(articles)
        self._results = results
        self.searched: list[tuple[str, SearchContext]] = []

    async def search(self, text: str, context: SearchContext) -> SearchResult:
        self.searched.append((text, context))
        return self._results.get(text, NOTHING)

    def topics(self, language: str) -> tuple[Topic, ...]:
        return self._catalogue.topics(language)

    def find_article(self, key: str, language: str) -> IndexedArticle | None:
        return self._catalogue.find(key, language)


class SampleKnowledge:
    """The sample shop's articles, searched in memory as the product searches them."""

    def __init__(self, snapshot: Snapshot, articles: Iterable[IndexedArticle]) -> None:
        self._snapshot = snapshot
        self._catalogue = Catalogue.of(articles)

    @classmethod
    def build(cls) -> "SampleKnowledge":
        """As it is served."""
        return cls(load_shipped_sample(), read_sample_articles())

    @classmethod
    def unfitted(cls) -> "SampleKnowledge":
        """As the quick build of new texts is served for a while, before anything is fitted on them."""
        return cls(replace(load_shipped_sample(), head=None, calibrator=SHIPPED), read_sample_articles())

    async def search(self, text: str, context: SearchContext) -> SearchResult:
        return self._snapshot.search(text, context)

    def topics(self, language: str) -> tuple[Topic, ...]:
        return self._catalogue.topics(language)

    def find_article(self, key: str, language: str) -> IndexedArticle | None:
        return self._catalogue.find(key, language)


class SteeredKnowledge:
    """The sample shop's articles, unsure where a script wants it to be."""

    def __init__(self, sample: SampleKnowledge) -> None:
        self._sample = sample
        self._unsure: dict[str, SearchResult] = {}

    def be_unsure(self, text: str, keys: Iterable[str]) -> None:
        """`text` is from now on a choice of the articles `keys`."""
        found = [self._sample.find_article(key, "zh") for key in keys]
        self._unsure[text] = unsure(*(article for article in found if article))

    async def search(self, text: str, context: SearchContext) -> SearchResult:
        return self._unsure.get(text) or await self._sample.search(text, context)

    def topics(self, language: str) -> tuple[Topic, ...]:
        return self._sample.topics(language)

    def find_article(self, key: str, language: str) -> IndexedArticle | None:
        return self._sample.find_article(key, language)


def load_shipped_sample() -> Snapshot:
    """The index that ships; `tests/knowledge/test_sample_index.py` holds it against the texts."""
    [archive] = prebuilt.FOLDER.iterdir()
    with tempfile.TemporaryDirectory() as folder:
        unpacked = prebuilt.unpack(archive.name.removesuffix(".tar.gz"), Path(folder))
        assert unpacked is not None
        return Snapshot.load(unpacked, load_embedder("auto")[0])


def read_sample_articles() -> list[IndexedArticle]:
    rows = [json.loads(line) for line in _SAMPLES.read_text("utf-8").splitlines()]
    return [
        IndexedArticle(
            key=row["key"],
            language=row["language"],
            version=1,
            question=row["question"],
            phrasings=tuple(row["phrasings"]),
            answer=row["answer"],
            category=row["category"],
            complaint_topic=row["complaint_topic"],
            related=tuple(row["related"]),
        )
        for row in rows
    ]


def answer(article: IndexedArticle, *others: IndexedArticle) -> SearchResult:
    """A search that is sure of `article`, with other candidates behind it."""
    given = Answer(article.key, article.language, article.version, 0.9, article.answer)
    return SearchResult(Outcome.ANSWER, 0.9, given, (), candidates(article, *others))


def unsure(*articles: IndexedArticle) -> SearchResult:
    """A search that offers `articles` to choose from."""
    return SearchResult(Outcome.CLARIFY, 0.4, None, (), candidates(*articles))


def candidates(*articles: IndexedArticle) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(article.key, article.language, article.version, article.question, 0.4) for article in articles
    )
