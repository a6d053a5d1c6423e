"""Taking out of a question what points at a person, before it is kept. Pure.

Rather too much than too little: any run of six digits or more goes, however it is written.
"""

import re

_GAP = r"[\s\-.·–—()（）]{0,2}"
_START, _END = r"(?<![A-Za-z\d])", r"(?!\d)"
_EMAIL = re.compile(r"[\w.+%-]+\s?[@＠]\s?[\w-]+(?:[.．][\w-]+)+")
_CARD = re.compile(rf"{_START}(?:\d{_GAP}){{15,18}}\d{_END}")
_PHONE = re.compile(
    rf"(?:[+＋]|{_START}00){_GAP}(?:\d{_GAP}){{6,14}}\d"  # international
    rf"|{_START}[1１][3-9３-９]{_GAP}(?:\d{_GAP}){{8}}\d{_END}"  # mobile
    rf"|{_START}[0０]\d{{2,3}}{_GAP}(?:\d{_GAP}){{6,7}}\d{_END}"  # landline with its area code
)
#: An order or tracking number: six digits or more in one token, letters and hyphens between and before them.
_NUMBER = re.compile(rf"{_START}[A-Za-z]{{0,8}}(?:[\-_]?\d){{6,}}[A-Za-z\d\-_]*")
#: A shorter one behind a word that says what it is.
_NAMED = re.compile(
    r"((?:订单号?|訂單號?|单号|單號|编号|運單|运单|order|tracking|parcel|invoice|case)\s*(?:number|no\.?|nr\.?|号|#)?\s*[:：#]?\s*(?:is|是|为)?\s*)"
    r"(?=[\w\-]*\d{3})([A-Za-z\d][A-Za-z\d\-_]{3,})",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """`text` with e-mail addresses, card, phone and order numbers replaced by [email], [card], [phone], [number]."""
    text = _EMAIL.sub("[email]", text)
    text = _CARD.sub("[card]", text)
    text = _PHONE.sub("[phone]", text)
    text = _NAMED.sub(r"\1[number]", text)
    return _NUMBER.sub("[number]", text)
