"""Wordings by which customers would find another article than their own: each is asked as if it were new. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.encoding import Kept, Rows, cosines, encode_texts
from knowledge_base.ranking import NEIGHBOURS, WORDING_NOISE, by_article, local_regression
from knowledge_base.snapshot import Snapshot
from knowledge_base.text import fold
from knowledge_base.values import Audience, IndexedArticle

_MOST = 400


@dataclass(frozen=True, slots=True)
class Stray:
    """A wording of article `key` that leads to article `other` (whose question this is) once it is left out."""

    key: str
    wording: str
    other: str
    question: str

    @property
    def words(self) -> str:
        return f"{self.wording!r} ({self.key}) would find {self.other}: {self.question!r}"


def find_strays(snapshot: Snapshot, articles: Sequence[IndexedArticle]) -> list[Stray]:
    """Beside what is served, where these articles' own served words do not count. Milliseconds a wording."""
    pairs = [(article, wording) for article in articles for wording in article.wordings if fold(wording)][:_MOST]
    kept = Kept(snapshot.shelf.texts, snapshot.near.rows, same_letters=True)
    rows = encode_texts([fold(wording) for _, wording in pairs], snapshot.encoder, kept)
    return list(_strays(snapshot, pairs, rows))


def _strays(snapshot: Snapshot, pairs: Sequence[tuple[IndexedArticle, str]], rows: Rows) -> Iterator[Stray]:
    for place, (article, wording) in enumerate(pairs):
        own = [i for i, (other, _) in enumerate(pairs) if other.key == article.key and i != place]
        own = [i for i in own if rows.chinese[i] == rows.chinese[place]]
        question = rows.take(np.array([place]))
        number = _other(snapshot, article.key, question, rows.take(np.array(own, np.intp))) if own else None
        if number is not None:
            found = snapshot.shelf.version(number, article.language, Audience.AGENT)
            yield Stray(article.key, wording, found.key, found.question)


def _other(snapshot: Snapshot, key: str, question: Rows, own: Rows) -> int | None:
    """The number of the article that `question` finds instead of the one that `own` belong to, if it would be shown."""
    shelf = snapshot.shelf
    others = np.array([other != key for other in shelf.keys], np.bool_)[shelf.owners]
    others &= (snapshot.near.rows.chinese == question.chinese) & ~shelf.answers
    if not others.any():
        return None
    near = snapshot.near.pick(question, snapshot.near.glance(question), others, NEIGHBOURS)
    both = _joined(near.rows, own)
    weights = local_regression(cosines(question, both)[0], both, WORDING_NOISE)
    articles, scores = by_article(weights[: len(near.places)], shelf.owners[near.places])
    best = int(scores.argmax())
    sure = snapshot.calibrator.probability(scores[best : best + 1], bool(question.chinese[0]))[0]
    is_offered = sure >= snapshot.thresholds.clarify and scores[best] > weights[len(near.places) :].sum()
    return int(articles[best]) if is_offered else None


def _joined(left: Rows, right: Rows) -> Rows:
    return Rows(
        np.concatenate([left.vectors, right.vectors]),
        np.concatenate([left.meaning, right.meaning]),
        np.concatenate([left.scripts, right.scripts]),
        left.letters,
    )
