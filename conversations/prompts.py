"""What a follow-up asks, kept with the conversation so that the answer is read through it. Pure."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from conversations.phrases import bare
from core.shop_facts import Localised
from tickets.gift_terms import GiftTerms

#: How long what a follow-up asked can be answered.
OPEN_FOR = timedelta(days=30)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Then(StrEnum):
    """What follows from a chosen answer.

    `thank`: thanks. `ask`: one sentence more is asked for, and kept. `case`: what went wrong is asked for, and becomes
    a case. `person`: somebody takes over. `gift`: what the step gives. `later`: it comes again. `end`: no more of this.
    """

    THANK = "thank"
    ASK = "ask"
    CASE = "case"
    PERSON = "person"
    GIFT = "gift"
    LATER = "later"
    END = "end"


class AnswerKind(StrEnum):
    """What a customer's answer to a follow-up was. `option`: one of its buttons; `words`: anything told."""

    SCORE = "score"
    OPTION = "option"
    LATER = "later"
    GIFT = "gift"
    WORDS = "words"
    QUESTION = "question"
    COMPLAINT = "complaint"
    STOP = "stop"


class PromptOption(_Frozen):
    """One button. `say`: what is said to whoever chooses it, in place of the usual words."""

    id: str
    label: Localised
    then: Then = Then.THANK
    say: Localised | None = None

    @property
    def means(self) -> Literal["yes", "no"] | None:
        """Whether a plain yes or no chooses it."""
        return "yes" if self.id == "yes" else "no" if self.id == "no" else None


class Prompt(_Frozen):
    """What was asked last by a follow-up. `expects`: see `programme_rules.Expects`; None: nothing in particular.

    `order`, `ticket`: the numbers of what it is about. `gift`: what a chosen answer may bring; `offer`: the grant that
    came along. `reached`: questions answered so far, `worst`: the lowest score among them.
    """

    follow_up: int
    programme: str
    at: datetime
    expects: str | None = None
    options: tuple[PromptOption, ...] = ()
    questions: tuple[Localised, ...] = ()
    order: str | None = None
    ticket: int | None = None
    gift: GiftTerms | None = None
    offer: int | None = None
    reached: int = 0
    worst: int | None = None

    def is_open(self, now: datetime) -> bool:
        return now - self.at <= OPEN_FOR

    @property
    def asks_scores(self) -> bool:
        return self.expects in ("score", "scores")

    @property
    def count(self) -> int:
        """How many scores are asked for."""
        return max(1, len(self.questions)) if self.asks_scores else 0


_SCORES = {
    1: ("很不满意", "非常不满意", "差评", "很差", "very poor", "very bad", "terrible", "awful", "very dissatisfied"),
    2: ("不满意", "不太满意", "不好", "poor", "bad", "not good", "dissatisfied", "not satisfied"),
    3: ("一般", "一般般", "还行", "还可以", "凑合", "马马虎虎", "fair", "average", "so so", "so-so", "not bad"),
    4: ("满意", "不错", "挺好", "挺好的", "好评", "good", "satisfied", "happy", "quite good"),
    5: ("很满意", "非常满意", "特别满意", "很好", "非常好", "满分", "very good", "excellent", "very satisfied", "great",
        "perfect", "very happy"),
}  # fmt: skip
_BY_WORDS = {bare(words): score for score, sayings in _SCORES.items() for words in sayings}
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九十", 1)}
_SCORE = re.compile(
    r"(?:打|给|评|选|我打|我给|i(?:'d)? (?:say|give)(?: it)?(?: a)? )?([0-9]{1,2}|[一二三四五六七八九十])"
    r"(?:分|颗星|星| ?stars?| ?points?|/5| out of 5)?"
)
#: The usual reasons, as customers say them; an option of the same id is what they mean.
_REASONS = {
    "price": re.compile(r"贵|价格|价钱|便宜|划不来|不划算|\b(?:price[sy]?|pricey|expensive|costs?|cheaper)\b"),
    "inconvenience": re.compile(r"不方便|麻烦|太远|太慢|取件|等太久|\b(?:inconvenient|hassle|too far|too slow)\b"),
    "product": re.compile(r"不好(?:喝|吃|用)|质量|味道|口味|品质|\b(?:quality|taste[ds]?|flavou?r|product)\b"),
    "people": re.compile(r"态度|没礼貌|不耐烦|\b(?:rude|attitude|unfriendly|impolite)\b"),
    "handling": re.compile(r"售后|处理得|没人(?:管|理|处理)|推来推去|\b(?:handled|after.?sales|nobody helped)\b"),
    "rival": re.compile(
        r"别家|别的店|别处|其他店|另一家|换了一家|\b(?:elsewhere|another shop|other shop|competitor)\b"
    ),
    "principle": re.compile(r"理念|不认同|原则|环保|\b(?:principles?|ethic(?:s|al)|values)\b"),
    "no_choice": re.compile(
        r"搬家|搬走|怀孕|医生|用不上|不喝了|戒了"
        r"|\b(?:moved (?:away|house)|pregnant|doctor|no longer (?:need|drink|use))\b"
    ),
}
_LATER = frozenset(
    bare(words)
    for words in (
        "以后再说", "以后吧", "下次再说", "下次吧", "过几天", "过几天再说", "过阵子再说", "改天", "改天吧", "回头再说",
        "晚点再说", "晚点", "等等再说", "暂时不用", "现在不需要",
        "later", "maybe later", "another time", "some other time",
        "not now", "not yet", "not right now", "ask me later", "remind me later", "next time", "in a while",
    )
)  # fmt: skip


def read_score(text: str) -> int | None:
    """A score in digits or words; a number out of reach is given as it is."""
    said = bare(text)
    if said in _BY_WORDS:
        return _BY_WORDS[said]
    match = _SCORE.fullmatch(said)
    if match is None:
        return None
    return int(match[1]) if match[1].isdecimal() else _DIGITS[match[1]]


def read_option(text: str, options: tuple[PromptOption, ...]) -> int | None:
    """The option that is named by its label in either language, or whose reason is told."""
    named = [index for index, option in enumerate(options) if names(text, option)]
    if named:
        return named[0]
    told = text.lower()
    fits = [i for i, one in enumerate(options) if (words := _REASONS.get(one.id)) and words.search(told)]
    return fits[0] if fits else None


def names(text: str, option: PromptOption) -> bool:
    return bare(text) in (bare(option.label.zh), bare(option.label.en))


def says_later(text: str) -> bool:
    return bare(text) in _LATER
