"""One step of a dialogue, as values: what is known, what is to be said, what is to be done, what is remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from conversations.case_facts import CaseFacts
from conversations.customer_facts import CustomerFacts
from conversations.intents import Intent, Meaning
from conversations.knowledge import Catalogue
from conversations.memory import Choice, Dialogue, Memory
from conversations.prompts import AnswerKind
from conversations.values import Language, Owner
from core.shop_facts import ShopFacts
from customers.values import BirthdayQuestion, ConsentKind, ContactWish
from knowledge_base.values import SearchResult
from tickets.gift_terms import GiftTerms
from tickets.values import TicketKind


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step may depend on beside the intent and the memory. `staffed`: somebody exists who could come.
    `shares_phone`: here the customer can send their own number by a button.

    `customer` and `cases` are filled for intents that need them.
    """

    language: Language
    now: datetime
    owner: Owner
    catalogue: Catalogue
    shop: ShopFacts = field(default_factory=ShopFacts)
    sample: bool = False
    staffed: bool = True
    shares_phone: bool = False
    customer: CustomerFacts = field(default_factory=CustomerFacts)
    cases: CaseFacts = field(default_factory=CaseFacts)


@dataclass(frozen=True, slots=True)
class Say:
    """One message to come: a text key with its slots, buttons, and the article that it carries.

    `above` and `below` are keys of lines that stand around the text and share its slots. `file`: that of the article.
    """

    key: str
    slots: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    article: tuple[str, str, int] | None = None
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    file: str | None = None


class PersonReason(StrEnum):
    """Why a person was asked for."""

    ASKED = "asked"
    NOT_HELPED = "not_helped"
    TROUBLE = "trouble"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class AskForPerson:
    """Staff see the conversation in their queue: its case, or a question of this `text` that is opened for it.

    `promises`: somebody exists who could come, and the customer is told by when. Results: `number`, `by`.
    """

    reason: PersonReason
    language: Language
    text: str = ""
    promises: bool = True


@dataclass(frozen=True, slots=True)
class AskForCall:
    """Somebody calls the customer at about this time; `number`: about which ticket."""

    at: datetime
    number: int | None


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


@dataclass(frozen=True, slots=True)
class RecordProof:
    """Counts a wrong try at an order; a right one is checked again where it is told."""

    number: str
    digits: str
    fits: bool


@dataclass(frozen=True, slots=True)
class StopMessages:
    """Greetings and offers end at once."""


@dataclass(frozen=True, slots=True)
class SetConsent:
    """The customer's own word."""

    kind: ConsentKind
    given: bool


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """Fields of the customer's file, by the customer."""

    changes: Mapping[str, str | bool]


@dataclass(frozen=True, slots=True)
class SetContactWish:
    """How the customer wants to be written to."""

    wish: ContactWish


@dataclass(frozen=True, slots=True)
class MarkBirthday:
    """What became of asking for the birthday."""

    what: BirthdayQuestion


@dataclass(frozen=True, slots=True)
class AskPrivacy:
    """A request that the customer has confirmed, and that is carried out after this. Result: `due`, at the latest."""

    wish: Literal["copy", "erasure"]


@dataclass(frozen=True, slots=True)
class MakeLinkCode:
    """A code for the customer's second channel. Results: `code`, `minutes`."""


@dataclass(frozen=True, slots=True)
class RedeemCode:
    """Makes whoever writes the code's customer."""

    code: str


@dataclass(frozen=True, slots=True)
class JoinByPhone:
    """Makes whoever writes the one customer with this number, which the channel vouches for."""

    phone: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Opens a ticket, or adds to the live one of its kind. `joins`: its number, as far as the step knows.

    Results: `number`, `by` (in `language`, in the customer's zone).
    """

    text: str
    kind: TicketKind
    language: Language
    zone: ZoneInfo
    joins: int | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class AddToCase:
    """The customer says more about a ticket of theirs."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class NameOrder:
    """The ticket is about this order; None: about none after all."""

    number: int
    order: str | None


@dataclass(frozen=True, slots=True)
class NoteWish:
    """What the customer would like done, chosen from the usual ones; `text_key` says it in words."""

    number: int
    text_key: str
    language: Language


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    """The customer takes the ticket back."""

    number: int


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """It is not solved after all. Results: `number`, `by`."""

    number: int
    text: str
    language: Language
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class GiveScore:
    """1 to 5; another one within ten minutes takes its place."""

    number: int
    score: int


@dataclass(frozen=True, slots=True)
class SayWhy:
    """The sentence after a score; None: skipped. A bad score brings the ticket back."""

    number: int
    words: str | None


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """The customer says yes to a grant. Results: a voucher's `code` and last `day`, the `points`."""

    grant: int
    language: Language
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    """The customer would rather have something else, in their words. Result: `by`, when it is about a ticket."""

    grant: int
    words: str
    language: Language
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class AnswerPrompt:
    """What a follow-up was answered. `score`: a bad one makes the case that is talked about a supervisor's."""

    follow_up: int
    programme: str
    kind: AnswerKind
    question: int = 0
    value: str | None = None
    words: str | None = None
    score: int | None = None


@dataclass(frozen=True, slots=True)
class DeclineGift:
    """The customer does not want what a programme gives."""

    grant: int


Effect = (
    AskForPerson
    | AnswerPrompt
    | DeclineGift
    | AcceptOffer
    | DeclineOffer
    | AskForCall
    | OpenCase
    | AddToCase
    | NameOrder
    | NoteWish
    | WithdrawCase
    | ReopenCase
    | GiveScore
    | SayWhy
    | LogQuestion
    | LogFeedback
    | ChooseLanguage
    | RecordProof
    | StopMessages
    | SetConsent
    | ChangeFile
    | SetContactWish
    | MarkBirthday
    | AskPrivacy
    | MakeLinkCode
    | RedeemCode
    | JoinByPhone
)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from one intent. `memory.menu` holds the buttons that `says` shows.

    `language` is what to say it in when that is not the one of the facts. `may_offer`: the number of a ticket for which
    the rules may offer something by themselves, once all of this was said; `may_give`: a gift that may follow then.
    """

    memory: Memory
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    language: Language | None = None
    may_offer: int | None = None
    may_give: GiftTerms | None = None


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
#: Reads an intent in an open dialogue.
Reader = Callable[[Dialogue, Intent], Intent]
#: Rows of the table: what is meant, in which dialogue (its `kind`; None: in any).
Rows = Mapping[tuple[Meaning, str | None], Handler]
#: What a chosen button does, by its token.
ChoiceRows = Mapping[str, Handler]
