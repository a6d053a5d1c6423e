"""One thing that somebody does at the desk: who, where, about which case; and what they read in return."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.telegram.desk.office import Office
from bot.telegram.desk.wording import Wording
from bot.telegram.models import DeskTopic
from conversations.desk.drafts import Draft
from conversations.desk.words import read_until
from conversations.values import Button
from core.errors import InvalidInput, KefuError
from staff.models import Agent
from staff.service import as_actor
from staff.values import Actor
from tickets.models import FIRST_NUMBER
from tickets.policy import Work


class Unclear(InvalidInput):
    """What was asked cannot be read, or not be done here; `key` is the sentence that says so."""

    code = "unclear"

    def __init__(self, key: str, **slots: object) -> None:
        super().__init__(key)
        self.key = key
        self.slots = slots


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said back. `toast`: to whoever pressed, alone; `stays`: until they close it. `mark`: below their words.

    `held`: words that this shows and that can still be undone. `customer_id`: whose words are quoted.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    toast: str | None = None
    stays: bool = False
    mark: str | None = None
    held: int | None = None
    customer_id: int | None = None


DONE = Reply(mark="👌")


@dataclass(frozen=True, slots=True)
class Deed:
    """`chat`, `number`: the message that it was done with. `answered`: the number of the message that it answers.

    `found`: articles that were searched before, since searching is slow.
    """

    office: Office
    work: Work
    agent: Agent
    chat: str
    number: int
    topic: DeskTopic | None = None
    answered: int | None = None
    found: tuple[Draft, ...] = ()

    @property
    def actor(self) -> Actor:
        return as_actor(self.agent)

    @property
    def wording(self) -> Wording:
        return self.office.wording_for(self.agent)

    @property
    def name(self) -> str:
        return self.agent.alias or self.agent.name

    @property
    def case(self) -> int:
        """The case's number. Raises Unclear: it was not done in the topic of one."""
        if self.topic is None:
            raise Unclear("no_case")
        return self.topic.ticket_id + FIRST_NUMBER - 1

    @property
    def origin(self) -> str:
        """Names the message among all groups, for whoever marks it."""
        return f"{self.chat}/{self.number}"

    def at(self, number: int) -> "Deed":
        """The same, with another message."""
        return replace(self, number=number)

    def until(self, words: str) -> datetime:
        """A time as it was typed. Raises Unclear."""
        at = read_until(words, self.work.now, self.office.settings.timezone)
        if at is None:
            raise Unclear("no_time", words=words)
        return at

    def when(self, at: datetime) -> str:
        return self.wording.when(at, self.work.now)


def refusal_text(refused: KefuError, wording: Wording) -> str:
    """Why something was not done, with the remedy."""
    if isinstance(refused, Unclear):
        return wording.say(f"refused.{refused.key}", **refused.slots)
    return wording.find(f"refused.{refused.code}") or wording.say("refused.other", detail=refused.detail)
