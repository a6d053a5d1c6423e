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


def merge_facts(facts: ShopFacts, changes: Mapping[str, Any]) -> ShopFacts:
    """`facts` with `changes` laid over it, one language at a time: `{"greeting": {"en": ...}}` leaves the Chinese one.

    Raises:
        pydantic.ValidationError: an unknown name or a value of the wrong form.
    """
    merged: dict[str, Any] = facts.model_dump()
    for name, value in changes.items():
        old = merged.get(name)
        if name == "texts" and isinstance(value, Mapping):
            merged[name] = {key: text for key, text in {**(old or {}), **value}.items() if text is not None}
        else:
            merged[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, Mapping) else value
    return ShopFacts.model_validate(merged)
