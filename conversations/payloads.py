"""What a delivery carries to a push channel, and how a long text is cut into parts."""

from pydantic import BaseModel, ConfigDict

from conversations.values import Attachment, Button

_BREAKS = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "；", "，", " ")


class MessagePayload(BaseModel):
    """One message for the person `to` (the channel's own id). `text` uses the small markup of `OutgoingMessage`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """`text` in pieces of at most `limit` UTF-16 units, cut after a paragraph, line, sentence or word where one ends.

    Joined again, the pieces are the text: nothing is lost.
    """
    pieces: list[str] = []
    rest = text
    while _units(rest) > limit:
        cut = _cut_at(_prefix(rest, limit))
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return (*pieces, rest)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _prefix(text: str, limit: int) -> str:
    return text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", errors="ignore")


def _cut_at(window: str) -> int:
    """Just behind the best break in the second half of `window`; its end when there is none."""
    for mark in _BREAKS:
        found = window.rfind(mark, len(window) // 2)
        if found >= 0:
            return found + len(mark)
    return len(window)
