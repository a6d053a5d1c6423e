"""The articles of a snapshot, numbered by key, with their wordings and language versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge_base.questions import SynonymTable
from knowledge_base.text import fold
from knowledge_base.values import Audience, IndexedArticle

Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Shelf:
    """`wordings[i]`, folded, belongs to `articles[sources[i]]`, and so to key number `owners[i]`."""

    articles: tuple[IndexedArticle, ...]
    keys: tuple[str, ...]
    wordings: tuple[str, ...]
    sources: NDArray[np.int32]
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, articles: Sequence[IndexedArticle], synonyms: SynonymTable, older: "Shelf | None" = None) -> "Shelf":
        """`older`: a shelf of the same synonyms; what stands on it already is not folded again."""
        ordered = tuple(sorted(articles, key=lambda article: (article.key, article.language)))
        known = older.folded if older else {}
        pairs = [
            (place, wording)
            for place, article in enumerate(ordered)
            for wording in known.get(article.wordings) or _folded(article, synonyms)
        ]
        sources = np.array([place for place, _ in pairs], np.int32)
        return cls.restored(ordered, tuple(wording for _, wording in pairs), sources)

    @classmethod
    def restored(
        cls, articles: Sequence[IndexedArticle], wordings: Sequence[str], sources: NDArray[np.int32]
    ) -> "Shelf":
        """From what was on one: articles by key and language, folded wordings, and the place of each one's article."""
        keys = tuple(dict.fromkeys(article.key for article in articles))
        number = {key: i for i, key in enumerate(keys)}
        numbers = np.array([number[article.key] for article in articles], np.int32)
        return cls(tuple(articles), keys, tuple(wordings), sources, numbers[sources])

    @property
    def folded(self) -> dict[tuple[str, ...], list[str]]:
        """The folded wordings of each article, by its wordings as they were written."""
        folded: dict[tuple[str, ...], list[str]] = {}
        groups: list[list[str]] = [[] for _ in self.articles]
        for place, wording in zip(self.sources.tolist(), self.wordings, strict=True):
            groups[place].append(wording)
        for article, group in zip(self.articles, groups, strict=True):
            folded[article.wordings] = group
        return folded

    def version(self, number: int, language: str, audience: str) -> IndexedArticle:
        """The article in this language, else in another that the audience may read (one is always there)."""
        readable = [self.articles[place] for place in self._versions[number]]
        readable = [article for article in readable if may_read(audience, article)]
        return next((article for article in readable if article.language == language), readable[0])

    def readable(self, audience: str) -> Marks:
        """Marks the wordings that the audience may find."""
        return self._for_customers if audience == Audience.CUSTOMER else self._all

    @cached_property
    def _for_customers(self) -> Marks:
        readable = [may_read(Audience.CUSTOMER, article) for article in self.articles]
        marks: Marks = np.array(readable, np.bool_)[self.sources]
        return marks

    @cached_property
    def _all(self) -> Marks:
        return np.ones(len(self.wordings), np.bool_)

    @cached_property
    def _versions(self) -> list[list[int]]:
        places: dict[str, list[int]] = {}
        for place, article in enumerate(self.articles):
            places.setdefault(article.key, []).append(place)
        return [places[key] for key in self.keys]


def may_read(audience: str, article: IndexedArticle) -> bool:
    return audience != Audience.CUSTOMER or article.audience == Audience.CUSTOMER


def _folded(article: IndexedArticle, synonyms: SynonymTable) -> list[str]:
    wordings = [synonyms.apply(fold(wording)) for wording in article.wordings]
    return [wording for wording in dict.fromkeys(wordings) if wording]
