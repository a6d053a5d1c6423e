"""A customer's text as questions to search for: repaired, taken apart, completed from the last one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from knowledge_base.abbreviations import write_out
from knowledge_base.pinyin import Hearer
from knowledge_base.spelling import Speller
from knowledge_base.text import fold, has_han, sentences, weight_of
from knowledge_base.values import SearchContext

LONGEST = 400
MOST_PARTS = 8
_SHORT_FOLLOW_UP = 6
#: A slip is one word. Where more than that would have to be heard otherwise, the text is about something else.
_MOST_MISHEARD = 2
_LEANS = re.compile(
    r"^(and|what about|how about|same for|or|but|then|so|also|also for|to|for|in|with|if)\b"
    r"|^(那么?|那要是|如果|要是|还有|换成|改成)|呢[？?]?$|(也是?|一样)吗?[？?]?$"
)

Synonyms = tuple[tuple[str, ...], ...]


class Step(StrEnum):
    """What is done to a text before it is searched for; each can be left out to see what it is worth."""

    SCRIPT = "script"
    ABBREVIATIONS = "abbreviations"
    SPELLING = "spelling"
    HOMOPHONES = "homophones"
    PINYIN = "pinyin"
    SENTENCES = "sentences"
    CONTEXT = "context"
    CODES = "codes"


ALL_STEPS = frozenset(Step)


@dataclass(frozen=True, slots=True)
class Reading:
    """One text in its readings: `whole`, other ways to take the whole, and its sentences where it has several.

    Each sentence is given as it was typed and, where it may have been meant otherwise, as it sounds.
    """

    whole: str
    others: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.whole, *self.others, *chain.from_iterable(self.parts))


class SynonymTable:
    """Replaces each word of a group by the group's first."""

    def __init__(self, groups: Synonyms) -> None:
        self._first = {fold(word): fold(group[0]) for group in groups for word in group[1:] if fold(word)}
        ordered = sorted(self._first, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole_word, ordered))) if ordered else None

    @property
    def words(self) -> tuple[str, ...]:
        """All of them, folded."""
        return tuple(dict.fromkeys((*self._first.values(), *self._first)))

    def apply(self, folded: str) -> str:
        if self._pattern is None:
            return folded
        return self._pattern.sub(lambda match: self._first[match.group()], folded)


def _whole_word(word: str) -> str:
    return re.escape(word) if has_han(word) else rf"(?<![^\W_]){re.escape(word)}(?![^\W_])"


class Reader:
    """Reads customers' texts with the eyes of one knowledge base."""

    def __init__(self, wordings: Sequence[str], synonyms: SynonymTable, steps: frozenset[Step] = ALL_STEPS) -> None:
        self._synonyms = synonyms
        self._steps = steps
        known = (*wordings, *synonyms.words)  # a shop's synonym is neither an abbreviation nor a slip
        self._speller = Speller(known)
        self._hearer = Hearer(known)
        self._speaks_chinese = any(map(has_han, wordings))

    def read(self, text: str, context: SearchContext) -> Reading:
        whole, *heard = self._ways(text[:LONGEST])
        parts = self._parts(text) if Step.SENTENCES in self._steps else ()
        others = (*heard, *self._others(text, whole, context))
        return Reading(whole, tuple(dict.fromkeys(others)), parts if len(parts) > 1 else ())

    def _ways(self, text: str) -> tuple[str, ...]:
        """As it was typed, with what can be nothing but an error mended, and perhaps as it sounds."""
        plain = fold(text) if Step.SCRIPT in self._steps else text.lower()
        full = write_out(plain, self._speller.vocabulary) if Step.ABBREVIATIONS in self._steps else plain
        spelt = self._speller.repair(full) if Step.SPELLING in self._steps else full
        heard = self._hearer.repair(spelt) if Step.HOMOPHONES in self._steps else spelt
        changed = sum(one != other for one, other in zip(spelt, heard, strict=True))
        ways = (spelt, heard) if changed <= _MOST_MISHEARD else (spelt,)
        return tuple(dict.fromkeys(self._synonyms.apply(way) for way in ways))

    def _parts(self, text: str) -> tuple[tuple[str, ...], ...]:
        found = [self._ways(part[:LONGEST]) for part in sentences(text)]
        return tuple(dict.fromkeys(ways for ways in found if weight_of(ways[0]) > 1))[:MOST_PARTS]

    def _others(self, text: str, whole: str, context: SearchContext) -> list[str]:
        others = []
        if context.last_question and leans(whole) and Step.CONTEXT in self._steps:
            others.append(f"{self._ways(context.last_question[:LONGEST])[0]} {whole}")
        if self._speaks_chinese and Step.PINYIN in self._steps:
            others.append(self._synonyms.apply(self._hearer.spell_out(fold(text[:LONGEST]))))
        return [other for other in others if other not in (whole, fold(text[:LONGEST]))]


def leans(folded: str) -> bool:
    """Too short to stand alone and begun or ended like a question that goes on from the last one."""
    return weight_of(folded) <= _SHORT_FOLLOW_UP and _LEANS.search(folded) is not None
