"""Text with formatting beside it, as push channels take it: no marks within the text, nothing to escape."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """A formatted stretch; `type` is Telegram's word (bold, text_link, ...), `offset` and `length` UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class FormattedText:
    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    """An emoji outside the basic plane counts as two."""
    return len(text) + sum(character > "\uffff" for character in text)
