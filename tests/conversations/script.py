"""Conversation scripts: what is said on each side, a line each. `README.md` beside this file explains the lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from pathlib import Path

from conversations.texts import Texts

FOLDER = Path(__file__).parent / "scripts"
#: Lines that make something happen; the others say what must be seen then.
STIMULI = frozenset(
    {
        "customer",
        "together",
        "flood",
        "press",
        "press old",
        "edit",
        "take back",
        "repeat",
        "photo",
        "album",
        "voice",
        "video",
        "document",
        "sticker",
        "location",
        "contact",
        "take",
        "agent",
        "hand back",
        "wait",
        "forget",
        "withdraw",
        "resolve",
        "offer",
        "issue",
        "revoke",
        "ask back",
        "reopen",
        "close",
        "withdraw ticket",
        "take ticket",
        "desk",
        "desk lacks",
        "both",
        "clockwork",
        "programme",
    }
)
EXPECTATIONS = frozenset(
    {
        "bot",
        "buttons",
        "article",
        "says",
        "says not",
        "silence",
        "state",
        "unanswered",
        "spoken",
        "heard from",
        "kept",
        "allows",
        "tasks",
        "on file",
        "voucher",
        "grants",
        "ticket",
        "refused",
        "noted",
        "case",
        "followed up",
        "answered",
    }
)
SETTINGS = frozenset(
    {"language", "client", "shop", "sample", "staff", "unsure", "visitor", "bought", "recognised", "code"}
)
_LINE = re.compile(r"([a-z ]+?)\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is the line's place in its file; a blank line begins a new paragraph."""

    number: int
    verb: str
    words: str
    paragraph: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """`title` is the file's first comment."""

    name: str
    title: str
    lines: tuple[Line, ...]


def read_script(path: Path) -> Script:
    """Raises ValueError for a line that is none."""
    written = path.read_text("utf-8").splitlines()
    paragraphs = list(accumulate(not text.strip() for text in written))
    numbered = zip(count(1), written, paragraphs, strict=False)
    lines = [_line(path, *each) for each in numbered if each[1].strip() and each[1][0] != "#"]
    return Script(path.stem, written[0].lstrip("# "), tuple(lines))


def all_scripts() -> list[Script]:
    return [read_script(path) for path in sorted(FOLDER.glob("*.txt"))]


def _line(path: Path, number: int, text: str, paragraph: int) -> Line:
    match = _LINE.fullmatch(text.strip())
    if match is None or match[1] not in STIMULI | EXPECTATIONS | SETTINGS:
        raise ValueError(f"{path.name}:{number}: {text!r} is no line of a script")
    return Line(number, match[1], match[2].replace("\\n", "\n"), paragraph)


def carried(lines: Sequence[Line], lacks: frozenset[str]) -> list[Line]:
    """The lines that a door can carry: without what it cannot do, and the rest of that paragraph, which builds on it.

    A door that lacks `photo with words` carries one without a caption. Where the surroundings cannot be set the rest
    means nothing, and the play ends.
    """
    kept: list[Line] = []
    left_out = -1
    for line in lines:
        if line.verb in SETTINGS & lacks:
            break
        if line.verb in STIMULI & lacks or (line.words and f"{line.verb} with words" in lacks):
            left_out = line.paragraph
        if line.paragraph != left_out and line.verb not in lacks:
            kept.append(line)
    return kept


def text_pattern(key: str, language: str) -> re.Pattern[str]:
    """What the sentence `key` looks like, whatever its slots hold."""
    sentence = Texts.shipped().by_key[key][language]
    parts = re.split(r"\{[^{}]*\}", sentence)
    return re.compile("(?s)" + ".+?".join(re.escape(part) for part in parts))
