"""Text as the search compares it: one script, one width, one case; its words, letter groups and sentences."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib import import_module
from typing import Protocol

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:['’][^\W_{_HAN}]+)*")
_HAN_CHARACTER = re.compile(rf"[{_HAN}]")
#: NFKC takes the acute accent for a space and a stroke.
_APOSTROPHES = str.maketrans("’‘`´", "''''")
_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"[^。！？!?;；\n]+[。！？!?;；]*|[^\n]")
_FULL_STOP = re.compile(r"(?<=[A-Za-z0-9)]{2})\.\s+")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _to_simplified() -> _Converter:
    converter: _Converter = import_module("opencc").OpenCC("t2s")  # only where Chinese is spoken
    return converter


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Simplified script, half width, lower case, single spaces: what looks the same becomes the same."""
    plain = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).lower()
    if has_han(plain):
        plain = _to_simplified().convert(plain)
    return _SPACE.sub(" ", plain).strip()


def has_han(text: str) -> bool:
    return _HAN_CHARACTER.search(text) is not None


def language_of(text: str) -> str:
    """`zh` where Chinese characters outnumber the other words, else `en`."""
    han = len(_HAN_CHARACTER.findall(text))
    words = sum(1 for token in tokens(text) if not has_han(token))
    return "zh" if han > words else "en"


def tokens(folded: str) -> list[str]:
    """Words and numbers of a folded text; a run of Chinese characters stays one token."""
    return _TOKEN.findall(folded)


def weight_of(folded: str) -> int:
    """How much is said: words, or pairs of Chinese characters."""
    han = len(_HAN_CHARACTER.findall(folded))
    return sum(1 for token in tokens(folded) if not has_han(token)) + (han + 1) // 2


def letter_groups(folded: str) -> list[str]:
    """Character n-grams: 2-5 letters inside a padded word, 1-3 characters inside a Chinese run."""
    groups: list[str] = []
    for token in tokens(folded):
        groups += _runs(token, 1, 3) if has_han(token) else _runs(f" {token} ", 2, 5)
    return groups


def _runs(padded: str, shortest: int, longest: int) -> list[str]:
    return [padded[i : i + n] for n in range(shortest, longest + 1) for i in range(len(padded) - n + 1)]


def sentences(text: str) -> list[str]:
    """The sentences of a text as written, without empty ones."""
    lines = _FULL_STOP.sub(".\n", text)
    return [part.strip() for part in _SENTENCE.findall(lines) if tokens(part)]
