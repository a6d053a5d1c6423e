"""What a search shows: beliefs about numbered articles as answers and candidates in the reader's language. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.choosing import Belief
from knowledge_base.ranking import decide
from knowledge_base.shelf import Shelf
from knowledge_base.values import Answer, Candidate, IndexedArticle, Outcome, SearchResult, Thresholds

MOST_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Showing:
    """For one reader: `language` is preferred, `audience` decides what may be read."""

    shelf: Shelf
    language: str
    audience: str

    def result(self, main: Belief, further: Sequence[Belief], thresholds: Thresholds) -> SearchResult:
        candidates = self._candidates(main)
        outcome = decide([candidate.score for candidate in candidates], thresholds)
        confidence = candidates[0].score if candidates else 0.0
        if outcome is not Outcome.ANSWER:
            return SearchResult(outcome, confidence, None, (), candidates)
        return SearchResult(outcome, confidence, self._answer(main), tuple(map(self._answer, further)), candidates)

    def _candidates(self, belief: Belief) -> tuple[Candidate, ...]:
        """Their scores never rise, although the order looks at more than the score."""
        found: list[Candidate] = []
        for number, probability in zip(belief.articles, belief.probabilities, strict=True):
            score = min(float(probability), found[-1].score if found else 1.0)
            article = self._version(int(number))
            found.append(Candidate(article.key, article.language, article.version, article.question, score))
            if len(found) == MOST_CANDIDATES:
                break
        return tuple(found)

    def _answer(self, belief: Belief) -> Answer:
        article = self._version(belief.best)
        return Answer(article.key, article.language, article.version, belief.confidence, article.answer)

    def _version(self, number: int) -> IndexedArticle:
        return self.shelf.version(number, self.language, self.audience)
