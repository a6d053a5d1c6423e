"""What staff read of failures and of what happened, by code, in both languages: one place for every surface. Pure."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def _table(language: str) -> Mapping[str, Mapping[str, str]]:
    text = (resources.files("staff") / "locales" / f"{language}.toml").read_text("utf-8")
    loaded: dict[str, dict[str, str]] = tomllib.loads(text)
    return loaded


def error_words(code: str, language: str) -> str:
    """What a failure of `code` means to people; `language`: zh or en."""
    errors = _table(language)["errors"]
    return errors.get(code, errors["error"])


def happened_words(kind: str, language: str) -> str:
    """What an entry of a timeline is called; one that nobody named, by its own name."""
    return _table(language)["happened"].get(kind, kind)


def packet_words(language: str) -> Mapping[str, str]:
    """What the lines of a packet, which goes along when a case changes hands, begin with."""
    return _table(language)["packet"]


def known_codes(language: str) -> frozenset[str]:
    return frozenset(_table(language)["errors"])


def known_kinds(language: str) -> frozenset[str]:
    return frozenset(_table(language)["happened"])
