"""Cells of customers' and orders' sheets, as shops write them. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from core.errors import InvalidInput
from core.money import parse_money
from core.table_values import midnight, read_instant, split_list
from core.tables import TableRow
from core.workbooks import Fault

_MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:时点](\d{1,2})分?(?::?(\d{1,2})秒?)?")
#: Days since the end of 1899, which is how a spreadsheet keeps a date; these are 1995 to 2100.
_SERIAL = re.compile(r"(?:3[5-9]|[4-6]\d|7[0-2])\d{3}(?:\.\d+)?")
_SERIAL_START = date(1899, 12, 30)
_ITEM = re.compile(r"(.+?)\s*[*×xX]\s*(\d{1,6})")
#: What a spreadsheet makes of a long number.
_SUM = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,2}")
_MONEY_WORDS = re.compile(r"^(?:rmb|cny|usd|cad|gbp|eur|人民币)\s*|\s*(?:rmb|cny|usd|cad|gbp|eur|块)$", re.IGNORECASE)


class BadCell(ValueError):
    """What is wrong with a row; `column` None: with the row as a whole."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class Cells:
    """The cells of one row, read by column. Each reader raises BadCell with the reason; blank is None."""

    def __init__(self, row: TableRow) -> None:
        self._row = row
        for column, reason in row.faults:
            raise BadCell(column, reason)

    def has(self, column: str) -> bool:
        return column in self._row.cells

    def text(self, column: str, longest: int = 400) -> str | None:
        cell = self._row.cells.get(column, "")
        if isinstance(cell, Fault):
            raise BadCell(column, cell.reason)
        text = "|".join(cell) if isinstance(cell, tuple) else cell.strip()
        if len(text) > longest:
            raise BadCell(column, f"has {len(text):,} characters, at most {longest:,}")
        return text or None

    def items(self, column: str) -> list[str]:
        cell = self._row.cells.get(column, "")
        if isinstance(cell, tuple):
            return list(cell)
        return list(split_list(self.text(column, 20_000) or ""))

    def choice(self, column: str, words: Mapping[str, Any]) -> Any:
        """The value of a word; case and width do not matter."""
        text = self.text(column)
        if text is None:
            return None
        found = words.get(normalize("NFKC", text).lower().replace(" ", "_").replace("-", "_"))
        if found is None:
            raise BadCell(
                column, f"{text!r} is not known; write one of {', '.join(sorted({str(v) for v in words.values()}))}"
            )
        return found

    def read(self, column: str, reader: Callable[[str], Any], longest: int = 400) -> Any:
        """What `reader` makes of the text; its InvalidInput or ValueError becomes the reason."""
        text = self.text(column, longest)
        try:
            return None if text is None else reader(text)
        except InvalidInput as error:
            raise BadCell(column, error.detail) from None
        except (ValueError, OverflowError) as error:
            raise BadCell(column, str(error)) from None

    def instant(self, column: str, zone: ZoneInfo) -> datetime | None:
        found: datetime | None = self.read(column, lambda text: read_moment(text, zone))
        return found


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A day or a time as people and spreadsheets write it, in UTC: `2026/3/5 14:30`, `2026年3月5日`, 46086.5, RFC 3339.

    Raises:
        ValueError
    """
    text = normalize("NFKC", text).strip()
    if found := _MOMENT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    if _SERIAL.fullmatch(text):
        days = float(text)
        start = midnight(_SERIAL_START + timedelta(days=int(days)), zone)
        return start + timedelta(seconds=round((days - int(days)) * 86_400))
    at = read_instant(text, zone)
    if at is not None and not 1970 <= at.year <= 2200:
        raise ValueError(f"{text!r} is too far away to be meant")
    return at


def read_amount(text: str, currency: str) -> int:
    """`¥1,299.50`, `38元`, `CNY 38` in minor units. Raises InvalidInput."""
    amount = parse_money(_MONEY_WORDS.sub("", normalize("NFKC", text).strip()), currency).amount_minor
    if not 0 <= amount < 2**53:
        raise InvalidInput(f"{text!r} is no amount that an order can have")
    return amount


def read_item(text: str) -> dict[str, Any]:
    """`龙井 250克*3` -> name and quantity; one when it says none."""
    found = _ITEM.fullmatch(text)
    return {"name": found[1], "quantity": int(found[2])} if found else {"name": text, "quantity": 1}


def read_number(text: str) -> str:
    """The shop's own number of something, which a spreadsheet may have taken for a sum. Raises ValueError."""
    bare = text.removesuffix(".0")
    if _SUM.fullmatch(text):
        raise ValueError(f"{text!r} has lost digits in a spreadsheet: format that column as text and fill it in again")
    return bare if bare.isdigit() else text
