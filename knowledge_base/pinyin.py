"""Chinese by its sound: homophone slips and words typed as pinyin, mended with the knowledge base's own words."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, cached_property, lru_cache
from importlib import import_module
from typing import Any

from knowledge_base.text import has_han, tokens

_LATIN_RUN = re.compile(r"[a-z]+(?:[ '][a-z]+)*")
_LONGEST_WORD = 4
_LONGEST_SYLLABLE = 6
#: Consonants that neither end a syllable nor stand before this: most English shows one within a word or two, and need
#: not wait for the table of syllables.
_NEVER_PINYIN = re.compile(r"[bpfdtlkjqxwy](?![aeiouv])|[zcs](?![haeiouv])")
_SOFT = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def _library() -> Any:
    return import_module("pypinyin")


@lru_cache(maxsize=8192)
def sounds(han: str) -> tuple[str, ...]:
    """A syllable a character, as speakers of many regions hear it: zh = z, ch = c, sh = s, -ng = -n."""
    return tuple(_soften(syllable) for syllable in _library().lazy_pinyin(han))


def _soften(syllable: str) -> str:
    for hard, soft in _SOFT:
        if syllable.startswith(hard):
            syllable = soft + syllable[2:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


class Hearer:
    """Knows the Chinese words of the knowledge base by their sound."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts

    def repair(self, folded: str) -> str:
        """The text with unknown pairs of characters replaced by known ones that sound alike."""
        if not has_han(folded):
            return folded
        return "".join(self._run(run) if has_han(run) else run for run in re.split(r"([\u3400-\u9fff]+)", folded))

    def spell_out(self, folded: str) -> str:
        """Words typed as pinyin turned into characters, where the knowledge base has a word of that sound."""
        return _LATIN_RUN.sub(lambda match: self._from_letters(match.group()), folded)

    def _run(self, run: str) -> str:
        mended = list(run)
        for i in range(len(run) - 1):
            pair = mended[i] + mended[i + 1]
            if pair in self._pairs or self._fits(mended, i):
                continue
            heard = self._by_sound.get(sounds(pair))
            if heard and (heard[0] == pair[0] or heard[1] == pair[1] or self._stranger(mended, i)):
                mended[i : i + 2] = heard
        return "".join(mended)

    def _fits(self, run: list[str], i: int) -> bool:
        """Both characters already belong to known pairs with their other neighbours."""
        left = i > 0 and run[i - 1] + run[i] in self._pairs
        right = i + 2 < len(run) and run[i + 1] + run[i + 2] in self._pairs
        return left and right

    def _stranger(self, run: list[str], i: int) -> bool:
        """Neither character belongs to a known pair with its other neighbour."""
        left = i > 0 and run[i - 1] + run[i] in self._pairs
        right = i + 2 < len(run) and run[i + 1] + run[i + 2] in self._pairs
        return not left and not right

    def _from_letters(self, run: str) -> str:
        syllables = _syllables(run.replace(" ", "").replace("'", ""))
        if len(syllables) < 2:
            return run
        written = self._written([_soften(s) for s in syllables])
        return written or run

    def _written(self, heard: list[str]) -> str:
        """The characters for these syllables by longest known words; empty unless most of them are found."""
        out, found, i = "", 0, 0
        while i < len(heard):
            word = self._longest_word(heard[i:])
            out += word or ""
            found += len(word)
            i += len(word) or 1
        return out if found >= max(2, 0.75 * len(heard)) else ""

    def _longest_word(self, heard: list[str]) -> str:
        for length in range(min(_LONGEST_WORD, len(heard)), 0, -1):
            word = self._words.get(tuple(heard[:length]))
            if word:
                return word
        return ""

    @cached_property
    def _runs(self) -> list[str]:
        return [token for text in self._texts for token in tokens(text) if has_han(token)]

    @cached_property
    def _pairs(self) -> Counter[str]:
        return Counter(run[i : i + 2] for run in self._runs for i in range(len(run) - 1))

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], str]:
        ordered = sorted(self._pairs, key=lambda pair: self._pairs[pair])
        return {sounds(pair): pair for pair in ordered}

    @cached_property
    def _words(self) -> dict[tuple[str, ...], str]:
        counts = Counter(
            run[i : i + n] for run in self._runs for n in range(1, _LONGEST_WORD + 1) for i in range(len(run) - n + 1)
        )
        return {sounds(word): word for word in sorted(counts, key=lambda word: counts[word])}


@cache
def _all_syllables() -> frozenset[str]:
    table: dict[int, str] = import_module("pypinyin.constants").PINYIN_DICT
    plain = import_module("pypinyin").Style.NORMAL
    convert = import_module("pypinyin.style").convert
    common = (table[code].split(",")[0] for code in range(0x4E00, 0x9FA6) if code in table)
    return frozenset(convert(sound, plain, strict=False) for sound in common)


def _syllables(letters: str) -> list[str]:
    """Splits a word into pinyin syllables, longest first; empty when it is none. Looks at each place once, from the
    end: trying one split after the other takes minutes for forty letters."""
    if _NEVER_PINYIN.search(letters):
        return []
    lengths = {len(letters): 0}
    for i in reversed(range(len(letters))):
        fitting = (n for n in range(_LONGEST_SYLLABLE, 0, -1) if i + n in lengths)
        length = next((n for n in fitting if letters[i : i + n] in _all_syllables()), None)
        if length is not None:
            lengths[i] = length
    return _cut(letters, lengths) if 0 in lengths else []


def _cut(letters: str, lengths: dict[int, int]) -> list[str]:
    syllables, i = [], 0
    while i < len(letters):
        syllables.append(letters[i : i + lengths[i]])
        i += lengths[i]
    return syllables
