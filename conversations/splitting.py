"""Cuts a text that is too long for one message: in order, nothing lost, outside entities."""

import unicodedata
from dataclasses import replace
from itertools import accumulate

from conversations.formatted import Entity, FormattedText, utf16_length

#: Where a reader would pause, best first.
_BREAKS = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "；", "; ", "，", ", ", " ")
_JOINERS = "\u200d\ufe0f\u20e3"
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def split(message: FormattedText, limit: int) -> tuple[FormattedText, ...]:
    """Pieces of at most `limit` UTF-16 units that together are the text; a piece of white space alone is left out.

    An entity is cut only when it is longer than `limit` itself; then each piece has its share of it.
    """
    units = [0, *accumulate(utf16_length(character) for character in message.text)]
    closed = _closed_positions(units, [entity for entity in message.entities if entity.length <= limit])
    pieces, start = [], 0
    while units[-1] - units[start] > limit:
        end = _find_cut(message.text, units, start, limit, closed)
        pieces.append(_slice(message, units, start, end))
        start = end
    pieces.append(_slice(message, units, start, len(message.text)))
    return tuple(piece for piece in pieces if piece.text.strip())


def _closed_positions(units: list[int], entities: list[Entity]) -> set[int]:
    """The UTF-16 positions inside an entity, where no cut may go."""
    return {position for entity in entities for position in range(entity.offset + 1, entity.end)}.intersection(units)


def _find_cut(text: str, units: list[int], start: int, limit: int, closed: set[int]) -> int:
    """The index behind the best break in the second half of what fits; without one, the last that is allowed."""
    fitting = [at for at in range(start + 1, min(start + limit, len(text)) + 1) if units[at] - units[start] <= limit]
    allowed = [at for at in fitting if units[at] not in closed] or fitting
    half = start + (allowed[-1] - start) // 2
    for mark in _BREAKS:
        for at in reversed(allowed):
            if at > half and text.endswith(mark, start, at):
                return at
    return next((at for at in reversed(allowed) if not _is_one_sign(text, at)), allowed[-1])


def _is_one_sign(text: str, at: int) -> bool:
    """Would a cut here tear apart what is seen as one sign: a letter and its accent, a composed emoji, a flag?"""
    before, after = text[at - 1 : at], text[at : at + 1]
    skin_tone = "\U0001f3fb" <= after <= "\U0001f3ff"
    half_a_flag = (at - len(text[:at].rstrip(_FLAG_LETTERS))) % 2 == 1 and after in _FLAG_LETTERS
    return bool(after) and (
        before == "\u200d" or after in _JOINERS or unicodedata.combining(after) > 0 or skin_tone or half_a_flag
    )


def _slice(message: FormattedText, units: list[int], start: int, end: int) -> FormattedText:
    first, last = units[start], units[end]
    shares = (_share(entity, first, last) for entity in message.entities)
    return FormattedText(message.text[start:end], tuple(share for share in shares if share.length > 0))


def _share(entity: Entity, first: int, last: int) -> Entity:
    """What of an entity lies between two positions, counted from the first."""
    offset, end = max(entity.offset, first), min(entity.end, last)
    return replace(entity, offset=offset - first, length=end - offset)
