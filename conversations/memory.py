"""What the bot remembers of a conversation between two messages: a column of the conversation, typed here.

Another feature adds a dialogue by adding a class to the union `Dialogue`.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conversations.prompts import Prompt


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Frozen):
    """One button. `token` says what it does, `value` with what; the label is a text of the product or literal words.

    `means` lets a plain yes or no choose it; `asks`: see `values.Button`; `slots` fill the label's text.
    """

    token: str
    text_key: str | None = None
    words: str = ""
    value: str = ""
    means: Literal["yes", "no"] | None = None
    asks: Literal["phone"] | None = None
    slots: dict[str, str] = Field(default_factory=dict)


class Menu(_Frozen):
    """The buttons that were offered last. `number` tells presses on older ones apart."""

    number: int = 0
    choices: tuple[Choice, ...] = ()


class Idle(_Frozen):
    """Nothing is open."""

    kind: Literal["idle"] = "idle"


class Answered(_Frozen):
    """An article was given and "did this help?" asked. `others`: articles that may have been meant instead."""

    kind: Literal["answered"] = "answered"
    article: str
    others: tuple[str, ...] = ()


class Browsing(_Frozen):
    """The topics, or the questions of one (`category`), are on the screen."""

    kind: Literal["browsing"] = "browsing"
    category: str | None = None
    offset: int = 0


class Offering(_Frozen):
    """A person was offered."""

    kind: Literal["offering"] = "offering"


class Reporting(_Frozen):
    """Something went wrong: the next words go to a person."""

    kind: Literal["reporting"] = "reporting"


class ChoosingLanguage(_Frozen):
    kind: Literal["choosing_language"] = "choosing_language"


class Proving(_Frozen):
    """The number of an order was asked for, and the last four digits of its phone number."""

    kind: Literal["proving"] = "proving"
    number: str | None = None


class OwnFile(_Frozen):
    """The customer's own file is on the screen; `asks`: what was asked for last."""

    kind: Literal["own_file"] = "own_file"
    asks: Literal["birthday", "zone", "copy", "erasure"] | None = None
    greets: bool = False


class Complaining(_Frozen):
    """A complaint was opened, and one thing more is asked about it, or it was read back (`check`).

    `fact`: its first line; `wish`: words, or the key of a usual one's text; `more`: added when it was read back.
    """

    kind: Literal["complaining"] = "complaining"
    asks: Literal["order", "wish", "check"]
    fact: str = ""
    order: str | None = None
    wish: str | None = None
    more: str | None = None


class Clarifying(_Frozen):
    """Several questions were offered to choose from. `intake`: what was being asked about a complaint goes on then."""

    kind: Literal["clarifying"] = "clarifying"
    intake: Complaining | None = None


class AddingToCase(_Frozen):
    """The next words are about this ticket."""

    kind: Literal["adding_to_case"] = "adding_to_case"
    number: int


class Withdrawing(_Frozen):
    """Whether the ticket is to be withdrawn was asked."""

    kind: Literal["withdrawing"] = "withdrawing"
    number: int


class Settling(_Frozen):
    """The state of an order was told to who complained that it does not come, and whether that will do was asked.

    `words`: the complaint, which has no ticket yet.
    """

    kind: Literal["settling"] = "settling"
    words: str
    order: str


class Wishing(_Frozen):
    """What would be fairer than this offer was asked."""

    kind: Literal["wishing"] = "wishing"
    grant: int


class Rating(_Frozen):
    """A ticket was answered for: whether it is solved, how well on a scale of 1 to 5, and why."""

    kind: Literal["rating"] = "rating"
    number: int
    asks: Literal["solved", "score", "why"]
    score: int | None = None


class Prompted(_Frozen):
    """A follow-up was sent, and what is said next answers it; after a choice, one sentence more (`why`: what is wrong).

    `score`: the one that is explained.
    """

    kind: Literal["prompted"] = "prompted"
    asks: Literal["answer", "more", "why"] = "answer"
    score: int | None = None


Dialogue = Annotated[
    Idle
    | Answered
    | Clarifying
    | Browsing
    | Offering
    | Reporting
    | ChoosingLanguage
    | Proving
    | OwnFile
    | Complaining
    | AddingToCase
    | Withdrawing
    | Settling
    | Wishing
    | Rating
    | Prompted,
    Field(discriminator="kind"),
]


class Memory(_Frozen):
    """`v` is the version of this shape. `misses` counts failures to help in a row; `question_id` is the log's row.

    `wait_told_at`, `noted_at`, `slowed_at`: when the wait for a person, that words were kept for one, and the limit of
    messages were last explained. `blocked_told`: the end of a block that was explained; `late_told`: how often we
    said that a promised time had passed. `asked`: what the newest follow-up asks, whose buttons stay good.
    """

    v: Literal[1] = 1
    dialogue: Dialogue = Idle()
    menu: Menu = Menu()
    introduced: bool = False
    misses: int = 0
    last_question: str | None = None
    last_article: str | None = None
    question_id: int | None = None
    wait_told_at: datetime | None = None
    noted_at: datetime | None = None
    blocked_told: datetime | None = None
    late_told: int = 0
    slowed_at: datetime | None = None
    asked: Prompt | None = None


def read_memory(stored: dict[str, Any]) -> tuple[Memory, bool]:
    """What is stored, and whether it could be read. What no longer validates begins anew, introduced already."""
    if not stored:
        return Memory(), True
    try:
        return Memory.model_validate(stored), True
    except ValidationError:
        return Memory(introduced=True), False


def write_memory(memory: Memory) -> dict[str, Any]:
    return memory.model_dump(mode="json", exclude_none=True)


def clean_slate(stored: dict[str, Any]) -> dict[str, Any]:
    """Nothing open any more; the introduction stays given, and old buttons stay old."""
    memory, _readable = read_memory(stored)
    return write_memory(Memory(introduced=memory.introduced, menu=Menu(number=memory.menu.number)))
