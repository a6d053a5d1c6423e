"""The facts of the shop, which its owner sets: its name, words and currency."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Localised(BaseModel):
    """A text that customers read, in both languages. An empty one falls back to the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(default="", max_length=2000)
    en: str = Field(default="", max_length=2000)

    def pick(self, language: str) -> str:
        first, second = (self.en, self.zh) if language == "en" else (self.zh, self.en)
        return first or second


class ShopFacts(BaseModel):
    """What `/shop` shows. `texts` overrides any sentence that customers read, by its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Localised = Localised()
    greeting: Localised = Localised()
    operator: Localised = Localised()
    address: Localised = Localised()
    hours_text: Localised = Localised()
    privacy_url: str = Field(default="", max_length=500, pattern=r"^(https?://\S+)?$")
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    country: str = Field(default="CN", pattern=r"^[A-Z]{2}$")
    color: str = Field(default="#1f6f54", pattern=r"^#[0-9a-fA-F]{6}$")
    texts: Mapping[str, Localised] = {}


#: The facts that sentences and answers may name in braces.
SLOTS = frozenset({"shop", "operator", "address", "hours", "privacy_url"})


def slot_values(facts: ShopFacts, language: str) -> dict[str, str]:
    """What stands for each of `SLOTS`; empty where the shop has set nothing."""
    name = facts.name.pick(language)
    return {
        "shop": name,
        "operator": facts.operator.pick(language) or name,
        "address": facts.address.pick(language),
        "hours": facts.hours_text.pick(language),
        "privacy_url": facts.privacy_url,
    }


def merge_facts(facts: ShopFacts, changes: Mapping[str, Any]) -> ShopFacts:
    """`facts` with `changes` laid over it, one language at a time: `{"greeting": {"en": ...}}` leaves the Chinese one.

    The same holds for each sentence in `texts`; None takes an override away.

    Raises:
        pydantic.ValidationError: an unknown name or a value of the wrong form.
    """
    texts = changes.get("texts")
    laid = _laid_over(facts.model_dump(), changes)
    if isinstance(texts, Mapping):
        merged = _laid_over(facts.model_dump()["texts"], texts)
        laid["texts"] = {key: words for key, words in merged.items() if words is not None}
    return ShopFacts.model_validate(laid)


def _laid_over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Values of `new` over those of `old`; where both are mappings, name by name."""
    return {**old, **{name: _both(old.get(name), value) for name, value in new.items()}}


def _both(old: Any, new: Any) -> Any:
    return {**old, **new} if isinstance(old, Mapping) and isinstance(new, Mapping) else new
