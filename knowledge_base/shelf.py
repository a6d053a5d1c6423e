"""The articles of a snapshot, numbered by key, with the texts by which they are found and their language versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer_text import opening
from knowledge_base.questions import SynonymTable
from knowledge_base.text import fold, tokens
from knowledge_base.values import Audience, IndexedArticle

Marks = NDArray[np.bool_]
#: A folded text, and whether it is an answer's.
Line = tuple[str, bool]


@dataclass(frozen=True)
class Shelf:
    """`texts[i]`, folded, belongs to `articles[sources[i]]`, and so to key number `owners[i]`.

    It is one of the article's wordings or, where `answers` marks it, how its answer begins.
    """

    articles: tuple[IndexedArticle, ...]
    keys: tuple[str, ...]
    texts: tuple[str, ...]
    sources: NDArray[np.int32]
    owners: NDArray[np.int32]
    answers: Marks

    @classmethod
    def of(cls, articles: Sequence[IndexedArticle], synonyms: SynonymTable, older: "Shelf | None" = None) -> "Shelf":
        """`older`: a shelf of the same synonyms; what stands on it already is not folded again."""
        ordered = tuple(sorted(articles, key=lambda article: (article.key, article.language)))
        known = older.folded if older else {}
        lines = [
            (place, text, is_answer)
            for place, article in enumerate(ordered)
            for text, is_answer in known.get(_read_of(article)) or _folded(article, synonyms)
        ]
        places, texts, answers = zip(*lines, strict=True) if lines else ((), (), ())
        return cls.restored(ordered, texts, np.array(places, np.int32), np.array(answers, np.bool_))

    @classmethod
    def restored(
        cls, articles: Sequence[IndexedArticle], texts: Sequence[str], sources: NDArray[np.int32], answers: Marks
    ) -> "Shelf":
        """From what was on one: articles by key and language, folded texts, and the place of each one's article."""
        keys = tuple(dict.fromkeys(article.key for article in articles))
        number = {key: i for i, key in enumerate(keys)}
        numbers = np.array([number[article.key] for article in articles], np.int32)
        return cls(tuple(articles), keys, tuple(texts), sources, numbers[sources], answers)

    @property
    def wordings(self) -> list[str]:
        """The texts as people ask."""
        return [text for text, is_answer in zip(self.texts, self.answers.tolist(), strict=True) if not is_answer]

    @property
    def folded(self) -> dict[tuple[str, ...], list[Line]]:
        """The lines of each article, by what they were read from."""
        groups: list[list[Line]] = [[] for _ in self.articles]
        for place, text, is_answer in zip(self.sources.tolist(), self.texts, self.answers.tolist(), strict=True):
            groups[place].append((text, is_answer))
        return {_read_of(article): group for article, group in zip(self.articles, groups, strict=True)}

    def version(self, number: int, language: str, audience: str) -> IndexedArticle:
        """The article in this language, else in another that the audience may read (one is always there)."""
        readable = [self.articles[place] for place in self._versions[number]]
        readable = [article for article in readable if may_read(audience, article)]
        return next((article for article in readable if article.language == language), readable[0])

    def readable(self, audience: str) -> Marks:
        """Marks the texts that the audience may find."""
        return self._for_customers if audience == Audience.CUSTOMER else self._all

    @cached_property
    def _for_customers(self) -> Marks:
        readable = [may_read(Audience.CUSTOMER, article) for article in self.articles]
        marks: Marks = np.array(readable, np.bool_)[self.sources]
        return marks

    @cached_property
    def _all(self) -> Marks:
        return np.ones(len(self.texts), np.bool_)

    @cached_property
    def _versions(self) -> list[list[int]]:
        places: dict[str, list[int]] = {}
        for place, article in enumerate(self.articles):
            places.setdefault(article.key, []).append(place)
        return [places[key] for key in self.keys]


def may_read(audience: str, article: IndexedArticle) -> bool:
    return audience != Audience.CUSTOMER or article.audience == Audience.CUSTOMER


def _read_of(article: IndexedArticle) -> tuple[str, ...]:
    return (*article.wordings, article.answer)


def _folded(article: IndexedArticle, synonyms: SynonymTable) -> list[Line]:
    read = (*article.wordings, opening(article.answer))
    *wordings, answer = (synonyms.apply(fold(text)) for text in read)
    lines = [(wording, False) for wording in dict.fromkeys(wordings) if wording]
    return [*lines, (answer, True)] if tokens(answer) and answer not in wordings else lines
