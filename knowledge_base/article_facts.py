"""A served article as JSON, between processes and in a snapshot. Pure."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from knowledge_base.values import IndexedArticle

_FIELDS = tuple(field.name for field in fields(IndexedArticle))


def article_facts(article: IndexedArticle) -> dict[str, Any]:
    """Its fields as they are: `asdict` copies each text and takes a second for ten thousand articles."""
    return {name: getattr(article, name) for name in _FIELDS}


def article_from(facts: Mapping[str, Any]) -> IndexedArticle:
    """What `article_facts` gave, also after a way through JSON."""
    return IndexedArticle(**{**facts, "phrasings": tuple(facts["phrasings"]), "related": tuple(facts["related"])})
