"""What a customer's words are about: the category, and groups of words that weigh. Pure.

The rules bring the words. They place a complaint and tell how grave it sounds; they never decide about money.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from tickets.rules import Category, TicketRules, Words
from tickets.values import TicketKind


@dataclass(frozen=True, slots=True)
class Recognised:
    """`category` None: no category's words are in it. `words`: ids of the groups that were found."""

    category: str | None
    kind: TicketKind
    words: tuple[str, ...]


def recognise(text: str, rules: TicketRules) -> Recognised:
    """Reads one text, in either language or both."""
    plain = normalize("NFKC", text).lower()
    category = _find_category(plain, rules.category)
    return Recognised(
        category=category.id if category else None,
        kind=category.kind if category else TicketKind.COMPLAINT,
        words=tuple(group.id for group in rules.words if _holds(plain, group)),
    )


def _find_category(plain: str, categories: Iterable[Category]) -> Category | None:
    return next((one for one in categories if _holds(plain, one.words)), None)


def _holds(plain: str, words: Words) -> bool:
    for phrase in words.without:
        plain = plain.replace(phrase.lower(), " ")
    return any(word in plain for word in words.zh) or any(_english(word).search(plain) for word in words.en)


@lru_cache(maxsize=4096)
def _english(word: str) -> re.Pattern[str]:
    """The word as a whole, also beside Chinese, which has no spaces."""
    return re.compile(rf"(?<![a-z0-9]){re.escape(word.lower())}(?![a-z0-9])")
