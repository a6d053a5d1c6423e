"""In which language to answer a message."""

import re

from conversations.phrases import bare, find_phrases
from conversations.values import Language
from knowledge_base.text import has_han, language_of, tokens

#: Latin words that Chinese writers use as well: they say nothing about the language.
_NEUTRAL = frozenset({"ok", "okay", "hi", "hey", "bye", "yes", "no", "thx", "vip", "app", "qr", "faq", "start", "td"})
_INITIAL = r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
_FINAL = (
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|ve"
    r"|a|o|e|i|u|v)"
)
_VOWELS = set("aeiouy")
#: "DD-20938", "AB 123": the letters of a number have no language.
_NUMBER = re.compile(r"\b(?:[A-Z]{1,6} ?|[A-Za-z]{1,6}-)\d[\w-]*")
_SHORTEST_RUN = 3
_ROWS = tuple(row[::way] for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for way in (1, -1))
_RUNS = sorted({row[i:j] for row in _ROWS for i in range(len(row)) for j in range(i + _SHORTEST_RUN, len(row) + 1)})
#: Possessive: no text makes it try twice. Longer runs come first.
_MASHED = re.compile(rf"(?:{'|'.join(reversed(_RUNS))})++")
_PINYIN = re.compile(rf"(?:{_INITIAL}{_FINAL})+")


def written_in(text: str, before: Language | None) -> Language | None:
    """The language of one message; None where it could be either: a command, a number, "ok", pinyin among Chinese."""
    if text.lstrip().startswith("/"):
        return None
    words = [word for word in tokens(bare(_NUMBER.sub(" ", text))) if has_han(word) or _is_telling(word)]
    if not words:
        return None
    if any(has_han(word) for word in words):
        is_mixed = not all(has_han(word) for word in words)
        return Language(language_of(bare(text))) if is_mixed else Language.ZH
    if before is Language.ZH and len(words) <= 4 and all(len(word) <= 20 and _PINYIN.fullmatch(word) for word in words):
        return Language.EN if find_phrases(text) else None
    return Language.EN


def _is_telling(word: str) -> bool:
    if "'" in word:
        return True
    return word.isalpha() and word.isascii() and len(word) > 1 and word not in _NEUTRAL and not _is_mashed(word)


def _is_mashed(word: str) -> bool:
    """Keys hit without a thought have no language: letters without a vowel, or runs along a row like "asdf"."""
    return len(word) >= _SHORTEST_RUN and (not _VOWELS & set(word) or _MASHED.fullmatch(word) is not None)


def from_client(tag: str | None) -> Language | None:
    """The product's language for a client's language tag (`zh-Hant-TW`, `en-GB`); None for another or none."""
    primary = re.split(r"[-_]", tag or "")[0].lower()
    return Language(primary) if primary in tuple(Language) else None


def choose(
    text: str, *, chosen: Language | None, before: Language | None, client: str | None, default: Language
) -> Language:
    """The customer's own choice, else what this message is written in, else what was spoken before."""
    return chosen or written_in(text, before) or before or from_client(client) or _other(client) or default


def _other(client: str | None) -> Language | None:
    """Who uses a client in a third language is more likely to read English than Chinese."""
    return Language.EN if client else None
