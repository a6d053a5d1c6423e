"""Typing errors in Latin words, repaired against the words that the knowledge base uses."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.text import has_han, tokens
from knowledge_base.word_pieces import is_usual

_WORD = re.compile(r"(?<![\w'])[a-z]{3,}(?![\w'])")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_REPAIRABLE = 4
_LONG_WORD = 8
_FAMILIAR = 1_000_000
_WITHOUT_APOSTROPHE = re.compile("(is|are|was|has|have|had|does|did|do|ca|wo|could|would)nt|ive|youre")
_ENDINGS = ("", "s", "es", "ed", "d", "ing", "er", "ers")


class Speller:
    """Repairs words that neither the knowledge base nor the English language knows."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts

    def repair(self, folded: str) -> str:
        """The text with unknown words replaced by the likeliest known ones."""
        return _WORD.sub(lambda match: self._word(match.group()), folded)

    def _word(self, word: str) -> str:
        if _WITHOUT_APOSTROPHE.fullmatch(word) or any(self._knows(stem) for stem in _stems(word)):
            return word
        if len(word) < _REPAIRABLE:
            return self._swapped(word) or word
        if self._is_compound(word):
            return word
        return self._near_vocabulary(word) or _near_english(word, english_words()) or word

    def _knows(self, word: str) -> bool:
        return word in self.vocabulary or word in english_words() or is_usual(word)

    def _is_compound(self, word: str) -> bool:
        """Two words written as one, like `topup`."""
        halves = ((word[:i], word[i:]) for i in range(2, len(word) - 1))
        return any(left in self.vocabulary and right in self.vocabulary for left, right in halves)

    def _near_vocabulary(self, word: str) -> str | None:
        allowed = 2 if len(word) >= _LONG_WORD else 1
        found = process.extract(word, self._choices, scorer=OSA.distance, score_cutoff=allowed, limit=5)
        best = min(found, key=lambda hit: (hit[1], hit[0][0] != word[0], -self.vocabulary[hit[0]]), default=None)
        return best[0] if best else None

    def _swapped(self, word: str) -> str | None:
        """Three letters may be an abbreviation: only two of them in the wrong order are mended."""
        swaps = (word[1] + word[0] + word[2], word[0] + word[2] + word[1])
        known = [near for near in swaps if near in self.vocabulary]
        return max(known, key=lambda near: self.vocabulary[near], default=None)

    @cached_property
    def vocabulary(self) -> Counter[str]:
        """The Latin words of the knowledge base."""
        counts: Counter[str] = Counter()
        for text in self._texts:
            counts.update(token for token in tokens(text) if not has_han(token))
        return counts

    @cached_property
    def _choices(self) -> list[str]:
        return [word for word in self.vocabulary if len(word) >= 3 and word.isalpha()]


@cache
def english_words() -> Mapping[str, int]:
    """Frequent English words with their counts, from the list in `symspellpy`; empty where that is not installed."""
    spec = find_spec("symspellpy")
    if spec is None or not spec.submodule_search_locations:
        return {}
    file = Path(spec.submodule_search_locations[0]) / "frequency_dictionary_en_82_765.txt"
    lines = file.read_text("utf-8-sig").splitlines()
    return {word: int(count) for word, _, count in (line.partition(" ") for line in lines)}


def _stems(word: str) -> list[str]:
    """The word with and without its usual endings, as far as letters are left."""
    stems = [word[: len(word) - len(ending)] for ending in _ENDINGS if word.endswith(ending)]
    return [stem for stem in stems if len(stem) >= 3] + [stem + "e" for stem in stems[1:] if len(stem) >= 3]


def _near_english(word: str, english: Mapping[str, int]) -> str | None:
    known = [near for near in _one_edit(word) if english.get(near, 0) >= _FAMILIAR]
    return max(known, key=lambda near: english[near], default=None)


def _one_edit(word: str) -> set[str]:
    """All strings one deletion, swap, replacement or insertion away (Norvig 2007)."""
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    deleted = {left + right[1:] for left, right in splits if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    replaced = {left + letter + right[1:] for left, right in splits if right for letter in _LETTERS}
    inserted = {left + letter + right for left, right in splits for letter in _LETTERS}
    return deleted | swapped | replaced | inserted
