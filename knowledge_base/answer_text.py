"""What the search reads of an answer: how it begins, in plain words. Pure."""

import re

#: Longer openings speak of more than the question, shorter ones often not yet of it (docs/decisions/0100).
LONGEST = 120
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]*\)")
_NO_WORDS = re.compile(r"https?://\S+|\{\w+\}|\*\*")


def opening(answer: str) -> str:
    """The first characters, without addresses, facts of the shop yet to be filled in, and marks of bold print."""
    plain = _NO_WORDS.sub(" ", _LINK.sub(r"\1", answer))
    return " ".join(plain.split())[:LONGEST].rstrip()
