"""What the knowledge base takes in and gives out: frozen facts, no behaviour."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What the customer would see: one answer, a choice of close candidates, or an honest "I don't know"."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    NONE = "none"


class ArticleStatus(StrEnum):
    """The life of an article. Only `published` ones are served."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Audience(StrEnum):
    """Who may read an article: everybody, or staff only."""

    CUSTOMER = "customer"
    AGENT = "agent"


class GroupState(StrEnum):
    """What became of a group of unanswered questions. `answered`: an article was made or completed from it."""

    OPEN = "open"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """One published article in one language, as the search sees it. `key` and `language` identify it."""

    key: str
    language: str
    version: int
    question: str
    phrasings: tuple[str, ...] = ()
    answer: str = ""
    category: str = ""
    audience: str = Audience.CUSTOMER
    complaint_topic: bool = False
    related: tuple[str, ...] = ()
    file: str | None = None

    @property
    def wordings(self) -> tuple[str, ...]:
        """All the ways in which the question is known, its title first, each once."""
        return tuple(dict.fromkeys((self.question, *self.phrasings)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may be meant; `score` is its share of the belief, 0..1."""

    article: str
    language: str
    version: int
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An article's text with the probability that it is the right one."""

    article: str
    language: str
    version: int
    confidence: float
    text: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`confidence`: how probably the best candidate is right; `also` answers further questions in the same text."""

    outcome: Outcome
    confidence: float
    answer: Answer | None = None
    also: tuple[Answer, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchContext:
    """What is known beside the text: the customer's language, what was asked and answered last, who is asking."""

    language: str | None = None
    last_question: str | None = None
    last_article: str | None = None
    audience: str = Audience.CUSTOMER


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From `answer` on the best candidate is given, from `clarify` on the close ones are offered; below: none.

    A wrong answer costs more than two right ones bring (docs/decisions/0102).
    """

    answer: float = 0.7
    clarify: float = 0.2


@dataclass(frozen=True, slots=True)
class LabelledExample:
    """A question and the key of the article that answers it (None: nothing in the knowledge base does)."""

    question: str
    article: str | None
    language: str | None = None
