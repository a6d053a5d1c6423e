"""One step of a dialogue, as values: what is known, what is to be said, what is to be done, what is remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conversations.intents import Intent, Meaning
from conversations.knowledge import Catalogue
from conversations.memory import Choice, Memory
from conversations.values import Language, Owner
from core.shop_facts import ShopFacts
from knowledge_base.values import SearchResult


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step may depend on beside the intent and the memory. `staffed`: somebody exists who could come."""

    language: Language
    now: datetime
    owner: Owner
    catalogue: Catalogue
    shop: ShopFacts = field(default_factory=ShopFacts)
    sample: bool = False
    staffed: bool = True


@dataclass(frozen=True, slots=True)
class Say:
    """One message to come: a text key with its slots, buttons, and the article that it carries.

    `above` and `below` are keys of lines that stand around the text and share its slots.
    """

    key: str
    slots: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    article: tuple[str, str, int] | None = None
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


class PersonReason(StrEnum):
    """Why a person was asked for."""

    ASKED = "asked"
    NOT_HELPED = "not_helped"
    TROUBLE = "trouble"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class AskForPerson:
    """Staff see the conversation among those that wait."""

    reason: PersonReason


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Keeps what was asked and what became of it. Result: `question_id`."""

    text: str
    language: str
    result: SearchResult


@dataclass(frozen=True, slots=True)
class LogFeedback:
    """Keeps whether the answer to a logged question helped, and what followed it."""

    question_id: int
    helpful: bool | None
    followed_by: str | None = None


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """The customer's own choice; it wins over what a message is written in."""

    language: Language


Effect = AskForPerson | LogQuestion | LogFeedback | ChooseLanguage


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from one intent. `memory.menu` holds the buttons that `says` shows.

    `language` is what to say it in when that is not the one of the facts.
    """

    memory: Memory
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What a row of the dialogue's table decides on."""

    memory: Memory
    intent: Intent
    facts: Facts

    def reply(self, *says: Say, effects: tuple[Effect, ...] = (), **changes: object) -> Step:
        """A step that says and does this and changes these fields of the memory; the dialogue stays unless given."""
        return Step(self.memory.model_copy(update=changes), says, effects)

    def feedback(self, helpful: bool | None, followed_by: str | None = None) -> tuple[Effect, ...]:
        """What to keep about the question that was answered last, if there is one."""
        if self.memory.question_id is None:
            return ()
        return (LogFeedback(self.memory.question_id, helpful, followed_by),)


Handler = Callable[[Moment], Step]
#: Rows of the table: what is meant, in which dialogue (its `kind`; None: in any).
Rows = Mapping[tuple[Meaning, str | None], Handler]
#: What a chosen button does, by its token.
ChoiceRows = Mapping[str, Handler]
