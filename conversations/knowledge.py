"""What the engine asks of a knowledge base."""

from typing import Protocol

from knowledge_base.values import IndexedArticle, SearchContext, SearchResult


class Topic(Protocol):
    """A category (empty: none) with the keys and questions of its articles."""

    @property
    def category(self) -> str: ...

    @property
    def articles(self) -> tuple[tuple[str, str], ...]: ...


class Catalogue(Protocol):
    """What is served at this moment, from memory."""

    def topics(self, language: str) -> tuple[Topic, ...]: ...

    def find_article(self, key: str, language: str) -> IndexedArticle | None:
        """The article in `language`, else in the other one."""
        ...


class Knowledge(Catalogue, Protocol):
    """The served knowledge base."""

    async def search(self, text: str, context: SearchContext) -> SearchResult: ...
