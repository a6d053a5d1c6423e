"""Articles that are asked like another one: the same wording, or customers who ask this get that one. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from knowledge_base.content import ArticleContent
from knowledge_base.encoding import cosines
from knowledge_base.questions import SynonymTable
from knowledge_base.snapshot import Snapshot
from knowledge_base.text import fold
from knowledge_base.values import Audience, IndexedArticle, SearchContext

#: Beside an article of its own, another one has to be this probable to be confused with it.
_CONFUSED = 0.35
#: Two answers with the same numbers that are this much alike say the same.
_SAME_ANSWER = 0.8
_MOST = 3
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Alike:
    """Another article, and whether it answers the same."""

    article: IndexedArticle
    same_answer: bool


def find_alike(snapshot: Snapshot, key: str, language: str, content: ArticleContent) -> tuple[Alike, ...]:
    """At most three, those with an equal wording first."""
    keys = dict.fromkeys([*_with_equal_wording(snapshot, language, content), *_confused(snapshot, key, content)])
    served = {(article.key, article.language): article for article in snapshot.shelf.articles}
    others = [served[other, language] for other in keys if other != key and (other, language) in served][:_MOST]
    return tuple(Alike(other, _says_the_same(snapshot, content.answer, other.answer)) for other in others)


def _with_equal_wording(snapshot: Snapshot, language: str, content: ArticleContent) -> Iterator[str]:
    synonyms = SynonymTable(snapshot.synonyms)
    wanted = {synonyms.apply(fold(wording)) for wording in (content.question, *content.phrasings)}
    for place, text in enumerate(snapshot.shelf.texts):
        article = snapshot.shelf.articles[snapshot.shelf.sources[place]]
        if text in wanted and article.language == language and not snapshot.shelf.answers[place]:
            yield article.key


def _confused(snapshot: Snapshot, key: str, content: ArticleContent) -> list[str]:
    """Whom a customer may get who asks the question as it stands."""
    found = snapshot.search(content.question, SearchContext(audience=Audience.AGENT))
    has_own = key in snapshot.shelf.keys
    least = _CONFUSED if has_own else snapshot.thresholds.answer
    return [candidate.article for candidate in found.candidates if candidate.score >= least]


def _says_the_same(snapshot: Snapshot, one: str, other: str) -> bool:
    texts = [fold(one), fold(other)]
    if sorted(_DIGITS.findall(texts[0])) != sorted(_DIGITS.findall(texts[1])):
        return False
    rows = snapshot.encoder.encode(texts)
    left, right = rows.take(np.array([0])), rows.take(np.array([1]))
    return texts[0] == texts[1] or float(cosines(left, right)[0, 0]) >= _SAME_ANSWER
