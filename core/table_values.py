"""How values are written in tables: lists, yes and no, days and instants, texts that are no formulas. Pure."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_YES = frozenset(("yes", "y", "true", "1", "是", "对", "有", "√", "✓"))
_NO = frozenset(("no", "n", "false", "0", "否", "不", "无", "×", "✗", ""))
_ITEM_ENDS = re.compile(r"(?<!\\)\||\n")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_DAY_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
#: What a spreadsheet may take for the beginning of a formula; the same characters in full width count too.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def split_list(text: str) -> tuple[str, ...]:
    """The items of `a|b|c`, each trimmed; a line break separates too, `\\|` is a bar inside an item."""
    items = (item.replace(r"\|", "|").strip() for item in _ITEM_ENDS.split(text))
    return tuple(item for item in items if item)


def join_list(items: Iterable[str]) -> str:
    """The inverse of `split_list`."""
    return "|".join(item.replace("|", r"\|") for item in items)


def read_flag(text: str) -> bool:
    """Yes or no as people write it; blank is no. Raises ValueError."""
    folded = text.strip().lower()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise ValueError(f"{text!r} is neither yes nor no")


def read_day(text: str) -> date | None:
    """A calendar day as `2026-03-01`, `2026/3/1`, `2026年3月1日` or `20260301`; None for anything else."""
    found = _DAY.fullmatch(text.strip()) or _DAY_DIGITS.fullmatch(text.strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def read_instant(text: str, zone: ZoneInfo, end_of_day: bool = False) -> datetime | None:
    """A day or a time of day in `zone`, or RFC 3339, as an instant in UTC; blank is None.

    A day alone means its beginning, with `end_of_day` the beginning of the next, so that the day is included.

    Raises:
        ValueError: neither, or a day that does not exist.
    """
    text = text.strip()
    if not text:
        return None
    day = read_day(text)
    if day is not None:
        return midnight(day + timedelta(days=1) if end_of_day else day, zone)
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ValueError(f"{text!r} is no date: write 2026-03-01 or 2026-03-01T09:00:00+08:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def write_instant(at: datetime | None, zone: ZoneInfo, end_of_day: bool = False) -> str:
    """What `read_instant` reads back: the day where it begins or ends one in `zone`, else RFC 3339."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    if local.time() != time():
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return (local.date() - timedelta(days=1) if end_of_day else local.date()).isoformat()


def defuse(text: str) -> str:
    """`text` so that no spreadsheet computes it: an apostrophe goes before what may be taken for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def undefuse(text: str) -> str:
    """The inverse of `defuse`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
