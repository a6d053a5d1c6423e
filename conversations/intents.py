"""What a customer means: words, presses and attachments in, one intent out. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from conversations.customer_facts import Given
from conversations.memory import Choice, Menu
from conversations.phrases import Phrase, bare, find_phrases
from conversations.values import AttachmentKind, Language
from knowledge_base.values import SearchResult


class Meaning(StrEnum):
    """The kinds of intent. Each has at least one row in the dialogue's table."""

    GREETED = "greeted"
    STARTED = "started"
    ASKED_HELP = "asked_help"
    ASKED_TOPICS = "asked_topics"
    ASKED_PERSON = "asked_person"
    MISSED_PERSON = "missed_person"
    ASKED_LANGUAGE = "asked_language"
    CHOSE_LANGUAGE = "chose_language"
    ASKED_PRIVACY = "asked_privacy"
    ASKED_WHO = "asked_who"
    ASKED_HOW = "asked_how"
    THANKED = "thanked"
    SAID_BYE = "said_bye"
    SAID_YES = "said_yes"
    SAID_NO = "said_no"
    CANCELLED = "cancelled"
    WORDLESS = "wordless"
    EMPTY = "empty"
    WENT_WRONG = "went_wrong"
    ATTACHED = "attached"
    CHOSE = "chose"
    PRESSED_OLD = "pressed_old"
    OUT_OF_RANGE = "out_of_range"
    ASKED_PARCEL = "asked_parcel"
    ASKED_ANOTHERS_PARCEL = "asked_anothers_parcel"
    ASKED_ORDERS = "asked_orders"
    GAVE_ORDER = "gave_order"
    SAID_STOP = "said_stop"
    ASKED_FILE = "asked_file"
    ASKED_TIER = "asked_tier"
    WILL_WRITE_FIRST = "will_write_first"
    MAY_BE_WRITTEN_TO = "may_be_written_to"
    ASKED_COPY = "asked_copy"
    ASKED_ERASURE = "asked_erasure"
    GAVE_BIRTHDAY = "gave_birthday"
    GAVE_ZONE = "gave_zone"
    ASKED_LINK = "asked_link"
    GAVE_CODE = "gave_code"
    SHARED_PHONE = "shared_phone"
    COMPLAINED = "complained"
    SUGGESTED = "suggested"
    PRAISED = "praised"
    TOLD_MORE = "told_more"
    ASKED_CASES = "asked_cases"
    WITHDREW = "withdrew"
    SAID_LATER = "said_later"
    TOLD_SHOP = "told_shop"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Intent:
    """`text` is what was written, `choice` the button that was meant, `result` what the knowledge base found.

    `given` is what was brought to be recognised by; `changes` are fields of the customer's own file, as understood.
    """

    meaning: Meaning
    text: str = ""
    choice: Choice | None = None
    language: Language | None = None
    attachments: tuple[AttachmentKind, ...] = ()
    result: SearchResult | None = None
    given: Given | None = None
    changes: Mapping[str, str | bool] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What was said, or what kinds of things came without words."""
        return self.text.strip() or " ".join(f"[{kind.value}]" for kind in self.attachments) or "…"


@dataclass(frozen=True, slots=True)
class Offer:
    """A live button and all the words that choose it."""

    choice: Choice
    labels: frozenset[str]


#: In order: a saying with several meanings takes the first that fits.
_PHRASES = {
    Phrase.PERSON_ANYWHERE: Meaning.ASKED_PERSON,
    Phrase.PERSON: Meaning.ASKED_PERSON,
    Phrase.NOBODY: Meaning.MISSED_PERSON,
    Phrase.START: Meaning.STARTED,
    Phrase.HELP: Meaning.ASKED_HELP,
    Phrase.TOPICS: Meaning.ASKED_TOPICS,
    Phrase.PRIVACY: Meaning.ASKED_PRIVACY,
    Phrase.STOP: Meaning.SAID_STOP,
    Phrase.ERASE: Meaning.ASKED_ERASURE,
    Phrase.COPY: Meaning.ASKED_COPY,
    Phrase.WITHDRAW: Meaning.WITHDREW,
    Phrase.CASES: Meaning.ASKED_CASES,
    Phrase.ME: Meaning.ASKED_FILE,
    Phrase.TIER: Meaning.ASKED_TIER,
    Phrase.WRITES_FIRST: Meaning.WILL_WRITE_FIRST,
    Phrase.ANY_TIME: Meaning.MAY_BE_WRITTEN_TO,
    Phrase.ANOTHERS_PARCEL: Meaning.ASKED_ANOTHERS_PARCEL,
    Phrase.PARCEL: Meaning.ASKED_PARCEL,
    Phrase.ORDERS: Meaning.ASKED_ORDERS,
    Phrase.LINK: Meaning.ASKED_LINK,
    Phrase.WRONG: Meaning.WENT_WRONG,
    Phrase.LANGUAGE: Meaning.ASKED_LANGUAGE,
    Phrase.LANGUAGE_ZH: Meaning.CHOSE_LANGUAGE,
    Phrase.LANGUAGE_EN: Meaning.CHOSE_LANGUAGE,
    Phrase.WHO_ARE_YOU: Meaning.ASKED_WHO,
    Phrase.HOW_ARE_YOU: Meaning.ASKED_HOW,
    Phrase.GREETING: Meaning.GREETED,
    Phrase.THANKS: Meaning.THANKED,
    Phrase.BYE: Meaning.SAID_BYE,
    Phrase.CANCEL: Meaning.CANCELLED,
    Phrase.YES: Meaning.SAID_YES,
    Phrase.NO: Meaning.SAID_NO,
}
_LANGUAGES = {Phrase.LANGUAGE_ZH: Language.ZH, Phrase.LANGUAGE_EN: Language.EN}
_COMMAND = re.compile(
    r"/(start|help|person|privacy|language|topics|me|orders|link|stop|cases)(?:@\w+)?(?:\s.*)?",
    re.IGNORECASE | re.DOTALL,
)
#: What one-time codes look like; other words behind /start tell where a link was found.
_CODE = re.compile(r"[0-9A-Za-z]{26}")
_NUMBER = re.compile(r"(?:选|第|no|no\.|number|option|#)?\s*([0-9]|[一二三四五六七八九两])\s*(?:个|号|项|条)?")
_CHINESE_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)} | {"两": 2}
#: Tokens that stand for themselves, with their labels: a press on them never gets too old.
LASTING = {token: f"button.{token}" for token in ("person", "topics", "wrong", "zh", "en", "parcels")}
#: Tokens whose buttons carry their own value, and are good as long as what they answer.
VALUED = frozenset({"asked", "asked_score"})
_NO_WORDS = frozenset({Meaning.EMPTY, Meaning.WORDLESS})


def understand(
    text: str,
    attachments: Sequence[AttachmentKind] = (),
    offers: Sequence[Offer] = (),
    hits: SearchResult | None = None,
) -> Intent:
    """The intent of a message, given the live buttons. ASKED without `hits` wants a search."""
    kinds = tuple(attachments)
    intent = _chosen(text, offers) or _said(text) or Intent(Meaning.ASKED, text, result=hits)
    if kinds and intent.meaning in _NO_WORDS:
        intent = Intent(Meaning.WORDLESS if set(kinds) == {AttachmentKind.STICKER} else Meaning.ATTACHED)
    return replace(intent, text=text, attachments=kinds)


def understand_press(button: str, menu: Menu) -> Intent:
    """The intent of a pressed button's id, as `button_id` makes it. A forged or old id is PRESSED_OLD."""
    token, _, place = button.partition(":")
    if token in VALUED:
        return Intent(Meaning.CHOSE, choice=Choice(token=token, value=place))
    number, _, index = place.partition(":")
    if number == str(menu.number) and index.isdecimal() and int(index) < len(menu.choices):
        choice = menu.choices[int(index)]
        if choice.token == token:
            return Intent(Meaning.CHOSE, choice=choice)
    if token in LASTING:
        return Intent(Meaning.CHOSE, choice=Choice(token=token, text_key=LASTING[token]))
    return Intent(Meaning.PRESSED_OLD)


def button_id(menu: Menu, index: int) -> str:
    """The opaque id under which a channel carries a choice of the menu; short enough for any of them.

    `token:menu number:index`; of a valued token `token:value`.
    """
    choice = menu.choices[index]
    return f"{choice.token}:{choice.value}" if choice.token in VALUED else f"{choice.token}:{menu.number}:{index}"


def _chosen(text: str, offers: Sequence[Offer]) -> Intent | None:
    """A button meant by its label, its number, or a plain yes or no."""
    said = bare(text)
    for offer in offers:
        if said and said in offer.labels:
            return Intent(Meaning.CHOSE, choice=offer.choice)
    number = read_number(said)
    if number and offers:
        if number > len(offers):
            return Intent(Meaning.OUT_OF_RANGE)
        return Intent(Meaning.CHOSE, choice=offers[number - 1].choice)
    return _by_yes_or_no(find_phrases(text), offers)


def _by_yes_or_no(phrases: frozenset[Phrase], offers: Sequence[Offer]) -> Intent | None:
    means = "yes" if Phrase.YES in phrases else "no" if Phrase.NO in phrases else None
    choices = [offer.choice for offer in offers if means and offer.choice.means == means]
    return Intent(Meaning.CHOSE, choice=choices[0]) if choices else None


def read_number(text: str) -> int | None:
    """The number by which a button is chosen."""
    match = _NUMBER.fullmatch(bare(text))
    if match is None:
        return None
    digit = match[1]
    return int(digit) if digit.isdecimal() else _CHINESE_DIGITS[digit]


def _said(text: str) -> Intent | None:
    """A command or a whole saying; None for words that want an answer."""
    if not text.strip():
        return Intent(Meaning.EMPTY)
    if command := _COMMAND.fullmatch(text.strip()):
        return _command(command[1].lower(), text)
    if not bare(text):
        return Intent(Meaning.GREETED if set(text) & set("?？") else Meaning.WORDLESS)
    phrases = find_phrases(text)
    for phrase, meaning in _PHRASES.items():
        if phrase in phrases:
            return Intent(meaning, language=_LANGUAGES.get(phrase))
    return None


def _command(name: str, text: str) -> Intent:
    argument = " ".join(text.split()[1:])
    if name == "language":
        wanted = [language for language in Language if argument.lower().startswith(language)]
        return Intent(Meaning.CHOSE_LANGUAGE, language=wanted[0]) if wanted else Intent(Meaning.ASKED_LANGUAGE)
    if argument and (name == "link" or (name == "start" and _CODE.fullmatch(argument))):
        return Intent(Meaning.GAVE_CODE, given=Given(code=argument[:80]))
    return Intent(_PHRASES[Phrase(name)])
