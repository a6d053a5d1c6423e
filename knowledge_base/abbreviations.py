"""What people shorten when they type on a phone, written out: the models have seen the long forms more often. Pure."""

import re
from collections.abc import Container

#: The usual ones of chats and of business letters, whatever the trade; a shop's own go into its synonyms.
_LONG = {
    "abt": "about", "acc": "account", "acct": "account", "addr": "address", "amt": "amount", "appt": "appointment",
    "asap": "as soon as possible", "avail": "available", "b4": "before", "bal": "balance",
    "bc": "because", "bday": "birthday", "btw": "by the way", "cant": "can't", "cuz": "because", "coz": "because",
    "dept": "department", "dont": "don't", "docs": "documents", "fyi": "for your information", "govt": "government",
    "hr": "hour", "hrs": "hours", "idk": "i don't know", "im": "i'm", "info": "information", "lmk": "let me know",
    "max": "maximum", "mgr": "manager", "min": "minimum", "mins": "minutes", "msg": "message",
    "mth": "month", "mtg": "meeting", "num": "number", "pkg": "package", "pls": "please", "plz": "please",
    "pmt": "payment", "ppl": "people", "pw": "password", "pwd": "password", "qty": "quantity", "r": "are",
    "rcvd": "received", "recd": "received", "rly": "really", "temp": "temperature",
    "thru": "through", "thx": "thanks", "tnx": "thanks", "tel": "telephone", "tmr": "tomorrow", "tmrw": "tomorrow",
    "txn": "transaction", "u": "you", "ur": "your", "w/": "with",
    "w/o": "without", "wat": "what", "wk": "week", "wks": "weeks", "wknd": "weekend", "xfer": "transfer",
    "yr": "year", "yrs": "years",
}  # fmt: skip
_ANY = "|".join(map(re.escape, sorted(_LONG, key=len, reverse=True)))
#: A word of its own, and not the beginning of one like "u.s.".
_SHORT = re.compile(rf"(?<![\w'/])(?:{_ANY})(?![\w'/]|\.\w\b)")


def write_out(folded: str, known: Container[str]) -> str:
    """The text with abbreviations in full, except those that the knowledge base uses itself (`known`)."""
    return _SHORT.sub(lambda match: match.group() if match.group() in known else _LONG[match.group()], folded)
