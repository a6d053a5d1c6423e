"""Whole sayings that mean something by themselves: word lists in phrases.toml, and ways to ask for a person."""

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources

from conversations.patterns import PATTERNS
from knowledge_base.text import fold, has_han

_CLAUSE_END = re.compile(r"[\n,，。.!！?？、;；:：~～…]+")
_SPACES = re.compile(r"\s+")
_PARTICLES = re.compile(r"(?<=\S)(?: ?(?:[啊呀吧呢哦噢喔嘛哈了啦呗哒滴的嘞]|谢谢|please|pls))+$")
_POLITE = re.compile(r"^(?:请问|请|麻烦|那|亲|please |pls |ok |well |so |um )+")
#: No saying is longer; the patterns below never see more.
_LONGEST = 60

# The alternatives of a repeated group never overlap, so that no text makes them try twice.
_PERSON_ZH = re.compile(
    r"(?:你好|您好|请|麻烦|帮我|给我|我|要|想|能不能|能|可以|可不可以|快|马上|直接|还是|那)*"
    r"(?:转|找|叫|接|换|联系|喊|跟|和|派)+(?:给|到|一下|一个|个|你们的|你们)*"
    r"(?:人工客服|人工服务|人工|真人客服|真人|客服|人|同事|店员|老板|工作人员|负责人)"
    r"(?:服务|坐席|来|处理|说话|聊聊|聊|谈|讲|回答|一下|我)*(?:可以吗|行吗|好吗|行不行|吗)?"
)
_WANT_ZH = re.compile(r"(?:我)?(?:要|想要|需要)(?:一个|个)?(?:真?人工|真人)(?:客服|服务)?")
_HUMAN = (
    r"(?:human(?: being)?|person|agent|representative|rep|operator|someone|somebody|colleague|manager"
    r"|staff(?: member)?|member of staff)"
)
_REAL = r"(?:real |live |actual |human |proper )*"
_ASKING = (
    r"(?:please |can |could |may |i |you |just |want to |wanna |would like to |i'd like to |need to "
    r"|let |me |we |have )*"
)
_PERSON_EN = re.compile(
    rf"{_ASKING}(?:talk|speak|chat|connect|transfer|get|put|pass|hand|switch)(?:ing)?(?: me| us| this)?"
    rf"(?: through| over)?(?: to| with)? (?:a |an |the |your )?{_REAL}{_HUMAN}"
    r"(?: please| now| from support| in charge| directly| instead)*"
)
_WANT_EN = re.compile(
    rf"(?:i |please |just )*(?:want|need|would like|get me|give me)(?: to have)? (?:a |an )?{_REAL}{_HUMAN}"
    r"(?: real| please| now)*"
)
#: As a whole message only: within one it may be about anybody.
_SOMEBODY_EN = re.compile(rf"(?:a |an )?{_REAL}{_HUMAN}(?: real| now| instead| please)*")


class Phrase(StrEnum):
    """What a whole saying means; the lists in phrases.toml have these names."""

    PERSON = "person"
    PERSON_ANYWHERE = "person_anywhere"
    NOBODY = "nobody"
    GREETING = "greeting"
    START = "start"
    HELP = "help"
    TOPICS = "topics"
    THANKS = "thanks"
    BYE = "bye"
    HOW_ARE_YOU = "how_are_you"
    WHO_ARE_YOU = "who_are_you"
    PRIVACY = "privacy"
    WRONG = "wrong"
    LANGUAGE = "language"
    LANGUAGE_ZH = "language_zh"
    LANGUAGE_EN = "language_en"
    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    PARCEL = "parcel"
    ANOTHERS_PARCEL = "anothers_parcel"
    ORDERS = "orders"
    STOP = "stop"
    ME = "me"
    TIER = "tier"
    WRITES_FIRST = "writes_first"
    ANY_TIME = "any_time"
    COPY = "copy"
    ERASE = "erase"
    LINK = "link"
    CASES = "cases"
    WITHDRAW = "withdraw"


#: Sayings around which the rest of a message is what was meant.
POLITE = frozenset({Phrase.GREETING, Phrase.THANKS})


def bare(text: str) -> str:
    """A text as sayings are compared: folded, without punctuation around it or spaces between Chinese characters."""
    folded = _without_edges(fold(text))
    return _SPACES.sub("", folded) if has_han(folded) and not folded.startswith("/") else folded


def _without_edges(folded: str) -> str:
    inside = [index for index, sign in enumerate(folded) if sign.isalnum() or sign == "/"]
    return folded[inside[0] : inside[-1] + 1] if inside else ""


def find_phrases(text: str) -> frozenset[Phrase]:
    """All that the whole text may mean; more than one where the answer depends on the question ("算了")."""
    unpunctuated = bare(_CLAUSE_END.sub(" ", text))
    return _saying(bare(text)) or _saying(unpunctuated) or _in_clauses(text)


def _saying(words: str) -> frozenset[Phrase]:
    if len(words) > _LONGEST:
        return frozenset()
    return _known(words) or _known(_PARTICLES.sub("", words)) or _known(_POLITE.sub("", words))


def _known(words: str) -> frozenset[Phrase]:
    found = _lists().get(words, frozenset())
    if not found and any(p.fullmatch(words) for p in (_PERSON_ZH, _WANT_ZH, _PERSON_EN, _WANT_EN)):
        return frozenset({Phrase.PERSON_ANYWHERE})
    if not found and _SOMEBODY_EN.fullmatch(words):
        return frozenset({Phrase.PERSON})
    return found or frozenset(Phrase(name) for name in _first_pattern(words))


def _first_pattern(words: str) -> list[str]:
    return [name for name, pattern in PATTERNS.items() if pattern.fullmatch(words)][:1]


def _in_clauses(text: str) -> frozenset[Phrase]:
    """Several sayings in one message: a person asked for anywhere wins, else the one that is not mere politeness."""
    clauses = [clause for clause in map(bare, _CLAUSE_END.split(text)) if clause]
    if len(clauses) < 2:
        return frozenset()
    meanings = [_saying(clause) for clause in clauses]
    if any(Phrase.PERSON_ANYWHERE in meaning for meaning in meanings):
        return frozenset({Phrase.PERSON_ANYWHERE})
    if not all(meanings):
        return frozenset()
    weighty = [meaning for meaning in meanings if not meaning & POLITE]
    return (weighty or meanings)[0] if len(weighty) < 2 else frozenset()


@cache
def _lists() -> dict[str, frozenset[Phrase]]:
    source = resources.files("conversations") / "phrases.toml"
    lists = tomllib.loads(source.read_text("utf-8"))
    found: dict[str, set[Phrase]] = {}
    for name, sayings in lists.items():
        for saying in sayings:
            found.setdefault(bare(saying), set()).add(Phrase(name))
    return {saying: frozenset(meanings) for saying, meanings in found.items()}
