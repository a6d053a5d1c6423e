"""Whether words are a complaint, a suggestion or praise, rather than a question. Pure.

The rules of tickets bring the words; here is when they count: damage to goods that somebody has weighs more than an
article about the same words, "what if it arrives broken?" stays a question.
"""

import re
from unicodedata import normalize

from tickets.recognition import Recognised, recognise
from tickets.rules import TicketRules
from tickets.values import TicketKind

#: What can be wrong with goods that have arrived. A shop's own categories count beside anger and complaining words.
_GOODS = frozenset({"damaged", "wrong-item", "missing-item"})
_SAFETY = "safety"
_UPSET = frozenset({"anger", "again", "law"})

_SUPPOSES = re.compile(
    r"如果|要是|万一|假如|会不会|是不是会|\bwhat if\b|\bif\b|\bin case\b|\bpolicy\b|\bwould\b|\bever\b"
)
_ASKS = re.compile(
    r"[?？]\s*$|吗|怎么处理|怎么办|能不能|可不可以|有没有|是否|多久|哪|什么|谁"
    r"|^(?:can|could|do|does|did|what|how|is|are|when|where|which|who|will|should|may)\b|\bwhere can\b"
)
_ASKS_HOW = re.compile(
    r"^(?:请问|那|还有)?(?:怎么|如何)(?!又|还|都|这么|那么|回事|会|能|搞|老|总|样|啦|了|赔|补|处理|解决|算|办)"
)
_HAS_IT = re.compile(
    r"我的|我买|我订|收到|寄来|寄的|发来|发给我|打开|拆开|到手|拿到|给我|到货|快递|包裹|这次"
    r"|\b(?:my|our|arrived|came|received|got|you sent|opened|delivered|yours?)\b"
)
_CONSUMED = re.compile(
    r"喝了|喝完|喝出|喝到|吃了|里面有|里有|发现|长了|\b(?:found|after drinking|made me|drank|inside)\b"
)
_COMPLAINS = re.compile(r"投诉|举报|差评|要个说法|给个说法|\b(?:complain(?:t|ing|ed)?|unhappy with|disappointed)\b")


def hear(text: str, rules: TicketRules, *, has_proof: bool) -> TicketKind | None:
    """What the words are, if they are no question. `has_proof`: a photo came with them, or there is a recent order."""
    plain = normalize("NFKC", text).lower().strip()
    found = recognise(text, rules)
    if found.category and found.kind is not TicketKind.COMPLAINT:
        return None if _asks(plain) and found.kind is TicketKind.PRAISE else found.kind
    return TicketKind.COMPLAINT if _is_complaint(plain, found, has_proof=has_proof) else None


def _is_complaint(plain: str, found: Recognised, *, has_proof: bool) -> bool:
    if _SUPPOSES.search(plain):
        return False
    if found.category in _GOODS:
        return has_proof or bool(_HAS_IT.search(plain)) or not _asks(plain)
    if found.category == _SAFETY:
        return has_proof or bool(_CONSUMED.search(plain))
    if _asks(plain):
        return False
    is_upset = not _UPSET.isdisjoint(found.words)
    return bool(_COMPLAINS.search(plain)) or "anger" in found.words or (found.category is not None and is_upset)


def is_statement(text: str) -> bool:
    """Neither a question nor a "what if": somebody tells what is so."""
    plain = normalize("NFKC", text).lower().strip()
    return not (_SUPPOSES.search(plain) or _asks(plain))


def is_question(text: str) -> bool:
    return _asks(normalize("NFKC", text).lower().strip())


def asks_on_the_way(text: str) -> bool:
    """A question to be answered in between, not words about the complaint: "怎么退货", but not "怎么赔我"."""
    plain = normalize("NFKC", text).lower().strip()
    return _asks(plain) or _ASKS_HOW.search(plain) is not None


def _asks(plain: str) -> bool:
    return _ASKS.search(plain) is not None
