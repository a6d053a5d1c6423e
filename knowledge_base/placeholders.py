"""Facts of the shop within answers: `{hours}` in an article is what the shop says of its hours now. Pure."""

import re
from collections.abc import Mapping

from core.shop_facts import SLOTS, ShopFacts, slot_values

#: A word in braces, in any script. Other braces are what they look like.
_NAMED = re.compile(r"\{([^\W\d_]\w{0,40})\}")


def unknown_names(answer: str) -> list[str]:
    """The words in braces that are no fact of the shop, each once."""
    return [name for name in dict.fromkeys(_NAMED.findall(answer)) if name not in SLOTS]


def empty_names(answer: str, facts: ShopFacts, language: str) -> list[str]:
    """The facts that the answer names and the shop has not set."""
    values = slot_values(facts, language)
    return [name for name in dict.fromkeys(_NAMED.findall(answer)) if not values.get(name, "")]


def without_names(answer: str) -> str:
    """The answer as it reads whatever the facts are."""
    return _NAMED.sub(" ", answer)


def fill(answer: str, facts: ShopFacts, language: str) -> str:
    """The answer as a customer reads it."""
    return _filled(answer, slot_values(facts, language))


def _filled(answer: str, values: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), answer)
