"""The small markup of texts, **bold**, "- " lists and [text](url), as formatting beside plain text, and back. Pure."""

import re
from collections.abc import Iterator

from conversations.formatted import Entity, FormattedText, utf16_length

BOLD = "bold"
LINK = "text_link"

_TOKEN = re.compile(r"\*\*(?P<bold>\S(?:[^\n]*?\S)?)\*\*|\[(?P<label>[^\[\]\n]+)\]\((?P<url>https?://[^\s()]+)\)")
_LIST_MARK = re.compile(r"^- ", re.MULTILINE)


def read_markup(text: str) -> FormattedText:
    """What the reader sees. A mark that is not closed, or an address that is none, stays as it was written."""
    plain: list[str] = []
    entities = tuple(_read(_LIST_MARK.sub("• ", text), 0, plain))
    return FormattedText("".join(plain), tuple(sorted(entities, key=lambda entity: (entity.offset, -entity.length))))


def _read(text: str, at: int, plain: list[str]) -> Iterator[Entity]:
    """The entities of `text`, which begins at position `at`; its words are added to `plain`."""
    read_up_to = 0
    for token in _TOKEN.finditer(text):
        before = text[read_up_to : token.start()]
        plain.append(before)
        at += utf16_length(before)
        inner: list[str] = []
        within = list(_read(token["bold"], at, inner)) if token["bold"] else []
        words = "".join(inner) if token["bold"] else token["label"]
        plain.append(words)
        yield Entity(BOLD if token["bold"] else LINK, at, utf16_length(words), token["url"])
        yield from within
        at += utf16_length(words)
        read_up_to = token.end()
    plain.append(text[read_up_to:])


def write_markup(message: FormattedText) -> str:
    """The text with marks for what is bold or a link; other formatting is left out.

    A stretch that does not fit the text, crosses another one or ends in white space is left unmarked.
    """
    raw = message.text.encode("utf-16-le")
    marks: list[tuple[int, str]] = []
    taken_up_to = 0
    for entity in sorted(message.entities, key=lambda entity: (entity.offset, -entity.length)):
        words = raw[2 * entity.offset : 2 * entity.end].decode("utf-16-le", "replace")
        if entity.offset < taken_up_to or not words or words != words.strip() or "\n" in words:
            continue
        if around := _marks_around(entity):
            marks += [(entity.offset, around[0]), (entity.end, around[1])]
            taken_up_to = entity.end
    return _insert(raw, marks)


def _marks_around(entity: Entity) -> tuple[str, str] | None:
    if entity.type == BOLD:
        return "**", "**"
    if entity.type == LINK and entity.url and re.fullmatch(r"https?://[^\s()]+", entity.url):
        return "[", f"]({entity.url})"
    return None


def _insert(raw: bytes, marks: list[tuple[int, str]]) -> str:
    pieces, read_up_to = [], 0
    for position, mark in marks:
        pieces += [raw[2 * read_up_to : 2 * position].decode("utf-16-le", "replace"), mark]
        read_up_to = position
    return "".join([*pieces, raw[2 * read_up_to :].decode("utf-16-le", "replace")])
