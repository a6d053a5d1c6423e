"""Every sentence that customers read, by key, in Chinese and English; a shop may put its own in place of any."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Self

from core.errors import InvalidInput
from core.shop_facts import SLOTS, Localised, ShopFacts, slot_values

LANGUAGES = ("zh", "en")
_SLOT = re.compile(r"\{([^{}]*)\}")
_SLOT_NAME = re.compile(r"[a-z_]+")


class UnknownText(InvalidInput):
    """A text key or placeholder that the product does not have."""

    code = "unknown_text"


@dataclass(frozen=True, slots=True)
class Texts:
    """The shipped sentences: key -> language -> sentence with `{slots}`."""

    by_key: Mapping[str, Mapping[str, str]]

    @classmethod
    @cache
    def shipped(cls) -> Self:
        loaded = {language: dict(_flatten(_load(language))) for language in LANGUAGES}
        keys = sorted(set().union(*loaded.values()))
        return cls({key: {language: loaded[language][key] for language in LANGUAGES} for key in keys})

    def slots_of(self, key: str) -> frozenset[str]:
        """The placeholders that the sentence `key` is filled with."""
        return frozenset().union(*(_SLOT.findall(sentence) for sentence in self.by_key[key].values()))

    def check_overrides(self, overrides: Mapping[str, Localised]) -> None:
        """Raises UnknownText, naming each unknown key and placeholder."""
        faults = {path: reason for key, text in overrides.items() for path, reason in self._faults(key, text)}
        if faults:
            raise UnknownText("; ".join(f"{path}: {reason}" for path, reason in faults.items()), faults)

    def _faults(self, key: str, text: Localised) -> Iterator[tuple[str, str]]:
        if key not in self.by_key:
            yield f"texts.{key}", "there is no such text"
            return
        allowed = self.slots_of(key) | SLOTS
        for language in LANGUAGES:
            for slot in _SLOT.findall(getattr(text, language)):
                if slot not in allowed:
                    yield f"texts.{key}.{language}", f"{{{slot}}} is unknown; known: {', '.join(sorted(allowed))}"

    def voice(self, language: str, shop: ShopFacts) -> "Voice":
        """The sentences in one language, with the shop's facts and its own wordings."""
        return Voice(self, language, shop)


@dataclass(frozen=True, slots=True)
class Voice:
    """Says sentences in one language."""

    texts: Texts
    language: str
    shop: ShopFacts

    def say(self, key: str, **slots: str) -> str:
        """The sentence `key`. Raises KeyError when it is unknown or a slot lacks its value."""
        override = self.shop.texts.get(key)
        shipped = self.texts.by_key[key]
        sentence = (getattr(override, self.language) if override else "") or shipped[self.language]
        values = {**self._shop_slots(), **slots}
        return _SLOT.sub(lambda match: values[match[1]], sentence)

    @property
    def shop_name(self) -> str:
        return self.shop.name.pick(self.language) or self.texts.by_key["shop.unnamed"][self.language]

    def _shop_slots(self) -> dict[str, str]:
        values = slot_values(self.shop, self.language)
        return values | {name: values[name] or self.shop_name for name in ("shop", "operator")}


def _load(language: str) -> dict[str, Any]:
    file = resources.files("conversations") / "locales" / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8"))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _checked(prefix + name, str(value))


def _checked(key: str, sentence: str) -> str:
    for slot in _SLOT.findall(sentence):
        if not _SLOT_NAME.fullmatch(slot):
            raise ValueError(f"{key}: {{{slot}}} is no placeholder")
    return sentence.strip("\n")
