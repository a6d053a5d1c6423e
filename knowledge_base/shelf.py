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
    def of(cls, articles: Sequence[IndexedArticle], synonyms: SynonymTable) -> "Shelf":
        ordered = tuple(sorted(articles, key=lambda article: (article.key, article.language)))
        keys = tuple(dict.fromkeys(article.key for article in ordered))
        number = {key: i for i, key in enumerate(keys)}
        pairs = [(place, wording) for place, article in enumerate(ordered) for wording in _folded(article, synonyms)]
        sources = np.array([place for place, _ in pairs], np.int32)
        owners = np.array([number[ordered[place].key] for place, _ in pairs], np.int32)
        return cls(ordered, keys, tuple(wording for _, wording in pairs), sources, owners)

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
