"""Tables that people hand in: headers recognised under their usual names, rows as text by column.

The rooms say which columns there are; here nothing is known of articles or orders.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from core.errors import InvalidInput
from core.sheets import Cell, Sheet, UnreadableFile, looks_like_objects, read_objects, read_sheets
from core.table_values import join_list, undefuse
from core.workbooks import Fault

_HEADER_WITHIN = 20
_MOST_WARNINGS = 20
#: Under this name a row carries a fault that belongs to no column.
_WHOLE = ""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
#: The columns that a file of rejected rows begins with; it can be mended and imported as it is.
REJECTION_COLUMNS = ("sheet", "row", "column", "reason")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name, and other headers that mean it."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableForm:
    """Which columns a table may have; of each group in `required` one must be there."""

    columns: tuple[Column, ...]
    required: tuple[tuple[str, ...], ...] = ()

    def names(self) -> dict[str, str]:
        """Every known header, folded, with the column that it means."""
        return {fold_header(text): column.name for column in self.columns for text in (column.name, *column.aliases)}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: `cells` by column (of those that its sheet has), `source` as it stood in the file, by header."""

    sheet: str | None
    number: int
    cells: Mapping[str, Cell]
    source: Mapping[str, str]

    @property
    def faults(self) -> list[tuple[str | None, str]]:
        """Cells that could not be read: column (None: the row as a whole) and reason."""
        found = [(column, cell.reason) for column, cell in self.cells.items() if isinstance(cell, Fault)]
        return [(None if column == _WHOLE else column, reason) for column, reason in found]


@dataclass(slots=True)
class Table:
    """All rows of a file, and what was strange about it."""

    rows: list[TableRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@lru_cache(maxsize=1024)
def fold_header(text: str) -> str:
    """What is left of a header without case, width, spaces, `_`, `-` and brackets."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def read_table(path: Path, form: TableForm, mapping: Mapping[str, str] | None = None) -> Table:
    """Reads CSV, XLSX or JSON lines. `mapping`: their headers to our columns, before all other names.

    Raises:
        UnreadableFile: no such table, or a required column is missing.
        InvalidInput: `mapping` names a column that does not exist, or a header that the file does not have.
    """
    headers = _Headers(form, mapping or {})
    table = Table()
    read = _read_objects if looks_like_objects(path) else _read_sheets
    read(path, headers, table)
    headers.check_mapping(path)
    table.warnings.extend(headers.warnings())
    return table


def _read_sheets(path: Path, headers: "_Headers", table: Table) -> None:
    """Adds the rows of every sheet that has the required columns; one at least must have them."""
    trouble: list[str] = []
    used = 0
    for sheet in read_sheets(path, headers.count):
        texts = _find_header(sheet, headers)
        missing = headers.missing(texts)
        if missing:
            place = path.name if sheet.name is None else f"{path.name}, sheet {sheet.name!r}"
            lacks = f"lacks the column {headers.in_words(missing)}" if texts else "has no header that is known"
            trouble.append(f"{place} {lacks}")
            continue
        columns = headers.read(texts)
        table.rows.extend(_sheet_row(sheet.name, number, cells, texts, columns) for number, cells in sheet.rows)
        used += 1
    if not used:
        raise UnreadableFile(f'{"; ".join(trouble[:3])}: name it, or say --map "THEIR HEADER=column"')
    table.warnings.extend(f"{said} and was left out" for said in trouble)


class _Headers:
    """What the headers of one file mean, and which were found."""

    def __init__(self, form: TableForm, mapping: Mapping[str, str]) -> None:
        self._form = form
        self._names = form.names()
        self._mapped = {fold_header(theirs): self._own(ours) for theirs, ours in mapping.items()}
        self._theirs = {fold_header(theirs): theirs for theirs in mapping}
        self._names |= self._mapped
        self._seen: set[str] = set()
        self._unknown: dict[str, None] = {}

    def _own(self, name: str) -> str:
        column = self._form.names().get(fold_header(name))
        if column is None:
            known = ", ".join(column.name for column in self._form.columns)
            raise InvalidInput(f"--map: there is no column {name!r}; choose one of {known}")
        return column

    def count(self, cells: Sequence[Cell]) -> int:
        return len({self._names.get(fold_header(cell)) for cell in cells if isinstance(cell, str)} - {None})

    def read(self, texts: Iterable[str]) -> list[str | None]:
        """The column of each header; None for one that is not known or was there before."""
        columns: list[str | None] = []
        for text in texts:
            folded = fold_header(text)
            column = self._names.get(folded)
            self._seen.add(folded)
            columns.append(None if column in columns else column)
            if column is None and folded and folded not in REJECTION_COLUMNS:
                self._unknown[text.strip()] = None
        return columns

    def missing(self, texts: Iterable[str]) -> tuple[str, ...] | None:
        """The first group of required columns of which `texts` names none."""
        present = {self._names.get(fold_header(text)) for text in texts}
        return next((group for group in self._form.required if not present.intersection(group)), None)

    def in_words(self, group: Iterable[str]) -> str:
        """`question (问题)`: columns with their first other name."""
        other = {column.name: column.aliases[:1] for column in self._form.columns}
        return " or ".join(f"{name} ({other[name][0]})" if other[name] else name for name in group)

    def check_mapping(self, path: Path) -> None:
        for folded, theirs in self._theirs.items():
            if folded not in self._seen:
                raise InvalidInput(f"--map: {path.name} has no column {theirs!r}")

    def warnings(self) -> Iterator[str]:
        for text in islice(self._unknown, _MOST_WARNINGS):
            yield f'the column {text!r} is not known and was left out; use it with --map "{text}=COLUMN"'


def _find_header(sheet: Sheet, headers: _Headers) -> list[str]:
    """The row near the top that names most columns, in the end the first that names all that is required."""
    best: list[str] = []
    for seen, (_, cells) in enumerate(sheet.rows, start=1):
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        if headers.count(texts) > headers.count(best):
            best = texts
            if headers.missing(texts) is None:
                break
        if seen >= _HEADER_WITHIN:
            break
    return best


def _sheet_row(
    sheet: str | None, number: int, cells: Sequence[Cell], texts: Sequence[str], columns: Sequence[str | None]
) -> TableRow:
    found: dict[str, Cell] = {column: "" for column in columns if column}
    cells = [undefuse(cell) if isinstance(cell, str) else cell for cell in cells]
    found |= {column: _clean(cell) for column, cell in zip(columns, cells, strict=False) if column}
    source = {text: cell if isinstance(cell, str) else "" for text, cell in zip(texts, cells, strict=False) if text}
    if any(isinstance(cell, str) and cell.strip() for cell in cells[len(texts) :]):
        found[_WHOLE] = Fault("has more cells than the header; does a text with a separator lack its quotation marks?")
    return TableRow(sheet, number, found, source)


def _read_objects(path: Path, headers: _Headers, table: Table) -> None:
    """Adds a row for each object; one at least must have the required columns."""
    known: dict[str, None] = {}
    for number, value in read_objects(path):
        if isinstance(value, Fault):
            table.rows.append(TableRow(None, number, {_WHOLE: value}, {}))
            continue
        known |= dict.fromkeys(value)
        columns = headers.read(value)
        cells = {column: _plain(item) for column, item in zip(columns, value.values(), strict=True) if column}
        table.rows.append(TableRow(None, number, cells, {text: _shown(item) for text, item in value.items()}))
    missing = headers.missing(known)
    if not known:
        raise UnreadableFile(f"{path.name} holds no JSON objects, one a line")
    if missing:
        raise UnreadableFile(
            f'{path.name} lacks the column {headers.in_words(missing)}: name it, or say --map "X=column"'
        )


def _plain(value: Any) -> Cell:
    """A JSON value as the cell it would be in a sheet."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case str():
            return _clean(value)
        case list() if all(isinstance(item, str | int | float) for item in value):
            items = tuple(str(item) for item in value)
            return next((fault for fault in map(_clean, items) if isinstance(fault, Fault)), items)
        case _:
            return Fault("must be a text or a list of texts")


def _clean(cell: Cell) -> Cell:
    """Refuses what no database and no screen can show."""
    found = _CONTROL.search(cell) if isinstance(cell, str) else None
    return Fault(f"holds the control character U+{ord(found.group()):04X}") if found else cell


def _shown(value: Any) -> str:
    plain = _plain(value)
    if isinstance(plain, Fault):
        return str(value)
    return plain if isinstance(plain, str) else join_list(plain)
