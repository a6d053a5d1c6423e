"""An answer in the small markup as HTML: everything is escaped, links lead to http and https alone. Pure."""

from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

from conversations.formatted import Entity, utf16_length
from conversations.markup import BOLD, read_markup

_ITEM = "- "


def answer_html(text: str) -> Markup:
    """Paragraphs, lists, bold words and links."""
    return Markup("").join(_blocks(text))


def _blocks(text: str) -> Iterator[Markup]:
    for kind, lines in groupby(text.splitlines(), key=_kind_of):
        if kind == "list":
            items = (Markup("<li>{}</li>").format(_inline(line.removeprefix(_ITEM))) for line in lines)
            yield Markup("<ul>{}</ul>").format(Markup("").join(items))
        elif kind == "words":
            yield Markup("<p>{}</p>").format(Markup("<br>").join(map(_inline, lines)))


def _kind_of(line: str) -> str:
    return "list" if line.startswith(_ITEM) else "words" if line.strip() else "gap"


def _inline(line: str) -> Markup:
    """One line; what is formatted in it nests or lies apart, never crosses."""
    formatted = read_markup(line)
    entities = formatted.entities
    edges = {0, utf16_length(formatted.text), *(e.offset for e in entities), *(e.end for e in entities)}
    places = sorted(edges)
    raw = formatted.text.encode("utf-16-le")
    pieces: list[Markup] = []
    for start, end in zip(places, [*places[1:], places[-1]], strict=True):
        pieces += [Markup(_tags(e)[1]) for e in reversed(entities) if e.end == start]
        pieces += [_tags(e)[0] for e in entities if e.offset == start]
        pieces.append(escape(raw[2 * start : 2 * end].decode("utf-16-le")))
    return Markup("").join(pieces)


def _tags(entity: Entity) -> tuple[Markup, str]:
    if entity.type == BOLD:
        return Markup("<strong>"), "</strong>"
    return Markup('<a href="{}" rel="noopener nofollow">').format(entity.url), "</a>"
