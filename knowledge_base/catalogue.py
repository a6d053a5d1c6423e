"""The articles of one snapshot, to browse and to open by key. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge_base.values import Audience, IndexedArticle


@dataclass(frozen=True, slots=True)
class Topic:
    """A category (empty: none) with (key, question) of its articles, in the order of their keys."""

    category: str
    articles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Customers' articles by key and language. An article that lacks a language is shown in the one it has."""

    by_key: dict[str, dict[str, IndexedArticle]] = field(default_factory=dict)

    @classmethod
    def of(cls, articles: Iterable[IndexedArticle]) -> "Catalogue":
        by_key: dict[str, dict[str, IndexedArticle]] = {}
        for article in sorted(articles, key=lambda a: (a.key, a.language)):
            if article.audience == Audience.CUSTOMER:
                by_key.setdefault(article.key, {})[article.language] = article
        return cls(by_key)

    def find(self, key: str, language: str) -> IndexedArticle | None:
        versions = self.by_key.get(key, {})
        return versions.get(language) or next(iter(versions.values()), None)

    def topics(self, language: str) -> tuple[Topic, ...]:
        """Categories in the order of their names, articles without one last; own language before the other."""
        groups: dict[tuple[bool, bool, str], list[tuple[str, str]]] = {}
        for key in self.by_key:
            article = self.find(key, language)
            if article is not None:
                place = (article.language != language, not article.category, article.category)
                groups.setdefault(place, []).append((key, article.question))
        return tuple(Topic(place[2], tuple(groups[place])) for place in sorted(groups))
