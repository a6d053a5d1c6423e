"""Every sentence that agents read in Telegram, by key, in Chinese and English."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from core.settings import Settings

_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences in one language; times in the shop's zone."""

    language: str
    zone: ZoneInfo

    def say(self, key: str, **slots: object) -> str:
        """Raises KeyError for an unknown key, and for a slot without its value."""
        return _SLOT.sub(lambda match: str(slots[match[1]]), sentences(self.language)[key])

    def find(self, key: str, **slots: object) -> str | None:
        """The sentence, if there is one with that key."""
        return self.say(key, **slots) if key in sentences(self.language) else None

    def when(self, at: datetime, now: datetime) -> str:
        """`17:30`, with the date in front on another day."""
        local = at.astimezone(self.zone)
        is_today = local.date() == now.astimezone(self.zone).date()
        return f"{local:%H:%M}" if is_today else f"{local:%m-%d %H:%M}"


def shared(settings: Settings) -> Wording:
    """In the language of what staff read together."""
    return Wording((settings.staff_language or settings.language).value, settings.timezone)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """All of them."""
    text = (resources.files("bot.telegram.desk") / "words" / f"{language}.toml").read_text("utf-8")
    return dict(_flatten(tomllib.loads(text)))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, str(value).strip("\n")
