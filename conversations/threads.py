"""A conversation with its surroundings, and who speaks in it."""

from dataclasses import dataclass

from conversations.models import Account, Conversation
from conversations.values import Author
from customers.models import ChannelIdentity


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation that this transaction has locked, with where it takes place."""

    conversation: Conversation
    account: Account
    identity: ChannelIdentity


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something to the customer; `author_line` stands above the text where a channel shows no names."""

    author: Author = Author.BOT
    agent_id: int | None = None
    name: str | None = None
    author_line: str | None = None


BOT = Speaker()
