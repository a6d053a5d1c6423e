"""What the search reads of an answer: how it begins, in plain words. Pure."""

import re

from knowledge_base.placeholders import without_names

#: Longer openings speak of more than the question, shorter ones often not yet of it (docs/decisions/0100).
LONGEST = 120
#: Addresses, and the marks of bold print and links.
_NO_WORDS = re.compile(r"\(?https?://[^\s()]+\)?|\*\*|[\[\]]")


def opening(answer: str) -> str:
    """The first characters, without addresses, marks and facts of the shop that are filled in later."""
    return " ".join(_NO_WORDS.sub(" ", without_names(answer)).split())[:LONGEST].rstrip()
