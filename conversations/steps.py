"""One step of a dialogue, as values: what is known, what is to be said, what is to be done, what is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conversations.knowledge import Catalogue
from conversations.memory import Choice, Memory
from conversations.values import Language, Owner
from core.shop import ShopFacts
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
    """One message to come: a text key with its slots, buttons, and the article that it carries."""

    key: str
    slots: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    article: tuple[str, str, int] | None = None


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
    """What follows from one intent. `menu` in `memory` is the one that `says` shows."""

    memory: Memory
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
