"""Articles at the desk: what the bot gave already, and the best ones as drafts for an answer."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from conversations.knowledge import Knowledge
from conversations.models import Conversation, Message
from conversations.values import Author
from core.database import ReadSession
from knowledge_base.values import Audience, Candidate, IndexedArticle, SearchContext

MOST = 3
#: Words of the customer that a search is made with: the newest messages, as long as they say something.
_MESSAGES, _SHORTEST = 5, 4


@dataclass(frozen=True, slots=True)
class Shown:
    """An article that the bot gave in the conversation; `message_id`: with which words."""

    article: str
    language: str
    version: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as an answer to begin with."""

    article: str
    language: str
    version: int
    question: str
    answer: str
    score: float


class _Finds(Protocol):
    def find_article(self, key: str, language: str) -> IndexedArticle | None: ...


async def articles_shown(session: ReadSession, conversation_id: int) -> tuple[Shown, ...]:
    """The newest first, each once."""
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.author == Author.BOT, Message.article.is_not(None)
    )
    found: dict[str, Shown] = {}
    for message in await session.scalars(query.order_by(Message.seq.desc()).limit(20)):
        assert message.article is not None
        shown = Shown(message.article, message.article_language or "", message.article_version or 0, message.id)
        found.setdefault(message.article, shown)
    return tuple(found.values())


async def last_question(session: ReadSession, conversation_id: int) -> tuple[str, str]:
    """The customer's newest words that say something, and the conversation's language."""
    conversation = await session.get_one(Conversation, conversation_id)
    query = select(Message.text).where(
        Message.conversation_id == conversation_id, Message.author == Author.CUSTOMER, Message.text != ""
    )
    texts = list(await session.scalars(query.order_by(Message.seq.desc()).limit(_MESSAGES)))
    said = next((text for text in texts if len(text) >= _SHORTEST), texts[0] if texts else "")
    return said, conversation.language or "zh"


async def best(knowledge: Knowledge, text: str, language: str) -> tuple[Draft, ...]:
    """The three best articles for these words, those for agents alone too. Search is slow: outside any transaction."""
    if not text.strip():
        return ()
    result = await knowledge.search(text, SearchContext(language, audience=Audience.AGENT))
    keys = [result.answer.article] if result.answer else []
    ranked = {**dict.fromkeys(keys, 1.0), **{one.article: one.score for one in result.candidates}}
    drafts = [_draft(knowledge, key, language, score) for key, score in _in_order(keys, result.candidates, ranked)]
    return tuple(draft for draft in drafts if draft is not None)[:MOST]


def _in_order(
    keys: list[str], candidates: tuple[Candidate, ...], ranked: dict[str, float]
) -> list[tuple[str, float]]:
    order = dict.fromkeys([*keys, *(one.article for one in candidates)])
    return [(key, ranked[key]) for key in order]


def _draft(catalogue: _Finds, key: str, language: str, score: float) -> Draft | None:
    article = catalogue.find_article(key, language)
    if article is None:
        return None
    return Draft(article.key, article.language, article.version, article.question, article.answer, score)
