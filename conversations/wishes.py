"""Whether somebody who complains says what they would like done, in words of their own. Pure."""

import re
from collections.abc import Mapping
from unicodedata import normalize

#: The usual wishes, by the key of their text.
_USUAL: Mapping[str, re.Pattern[str]] = {
    "wish.replacement": re.compile(
        r"补发|补寄|重发|重寄|重新[发寄]|再[发寄]一|换货|换[一个新]|换成"
        r"|\b(?:replace|replacement|exchange|send (?:me |us )?(?:a |an )?(?:new|another)|send (?:it|one|them) again)\b"
    ),
    "wish.refund": re.compile(r"退款|退钱|退我|钱退|退给我|\b(?:refund|money back)\b"),
}
#: Before it: it is not wanted, or others spoke of it. After it: they wait for it.
_NOT_WISHED = re.compile(
    r"(?:不用|不要|不想|不是|别|没|说|答应|承诺|已经|\bnot|n't|\bno|\bsaid|\bpromised|\balready|\bwithout)"
    r"\W*(?:\w+\W+){0,4}\w{0,3}$"
)
_WAITED_FOR = re.compile(
    r"^\W{0,2}(?:还?没|不了|不到|呢|的?(?:还|一直|怎么)|\b(?:never|has not|hasn't|did not|didn't)\b)"
)


def find_wish(text: str) -> str | None:
    """The key of the usual wish that the words hold; None when there is none, or more than one."""
    plain = normalize("NFKC", text).lower()
    found = [key for key, wish in _USUAL.items() if any(_is_wished(plain, match) for match in wish.finditer(plain))]
    return found[0] if len(found) == 1 else None


def _is_wished(plain: str, match: re.Match[str]) -> bool:
    before, after = plain[max(0, match.start() - 24) : match.start()], plain[match.end() :].lstrip()
    clause = re.split(r"[,，。.;；!！?？]", before)[-1]
    return not (_NOT_WISHED.search(clause) or _WAITED_FOR.search(after))
