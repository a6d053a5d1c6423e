"""Excel workbooks, row by row: merged cells filled downwards, formulas by their last value, bombs refused.

openpyxl costs a third of a second, so it is loaded when a workbook is read or written and not before.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from itertools import repeat
from pathlib import Path
from typing import Any

from core.errors import InvalidInput

LARGEST_UNPACKED = 400_000_000
_MOST_PARTS = 5_000
_MOST_COLUMNS = 100
_MOST_MERGES = 50_000
_WIDTH = 30
_LONGEST_TEXT = 32_767
_CHUNK = 1 << 20
_OVERLAP = 200
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


@dataclass(frozen=True, slots=True)
class Fault:
    """In place of a cell's value: why there is none."""

    reason: str


_NO_VALUE = Fault("holds a formula that has not been computed: paste its value")


def is_workbook(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def read_workbook(data: bytes) -> Iterator[tuple[str, Iterator[tuple[int, list[Any]]]]]:
    """Each sheet's name and numbered rows of text.

    Raises:
        InvalidInput: too large when unpacked, or no workbook at all. Damaged ones raise whatever they raise.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _refuse_bombs(archive)
        load_workbook = import_module("openpyxl").load_workbook
        values = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        for sheet in values.worksheets:
            merges, has_formulas = _scan(archive, sheet._worksheet_path)
            sheet.reset_dimensions()
            computed = _computed(formulas[sheet.title]) if has_formulas else repeat(())
            yield sheet.title, _rows(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), computed, merges)


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED or len(parts) > _MOST_PARTS:
        raise InvalidInput(f"the workbook unpacks to {unpacked / 1e6:,.0f} MB, far too much for a table: refused")
    if "xl/workbook.xml" not in archive.namelist():
        raise InvalidInput("this is an archive and no Excel workbook: save the table as .xlsx or .csv")


def _scan(archive: zipfile.ZipFile, path: str) -> tuple[list[tuple[int, int, int]], bool]:
    """(column, first row, last row) of vertical merges, and whether the sheet holds formulas."""
    found, has_formulas, tail = set[bytes](), False, b""
    with archive.open(path.removeprefix("/")) as part:
        while chunk := part.read(_CHUNK):
            window = tail + chunk
            found.update(_MERGE.findall(window))
            has_formulas = has_formulas or _FORMULA.search(window) is not None
            tail = window[-_OVERLAP:]
            if len(found) > _MOST_MERGES:
                raise InvalidInput(f"a sheet has more than {_MOST_MERGES:,} merged cells: unmerge them first")
    range_boundaries = import_module("openpyxl.utils.cell").range_boundaries
    boxes = [range_boundaries(ref.decode()) for ref in found]
    vertical = [box for box in boxes if box[3] > box[1] and box[0] <= _MOST_COLUMNS]
    return [(left - 1, top, bottom) for left, top, _, bottom in vertical], has_formulas


def _computed(sheet: Any) -> Iterator[tuple[int, ...]]:
    """The columns of each row that hold formulas."""
    empty = import_module("openpyxl.cell.read_only").EMPTY_CELL
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_col=_MOST_COLUMNS):
        is_empty = row[0] is empty and len(set(map(id, row))) == 1
        yield () if is_empty else tuple(i for i, cell in enumerate(row) if cell.data_type == "f")


def _rows(
    rows: Iterator[Sequence[Any]], computed: Iterator[tuple[int, ...]], merges: list[tuple[int, int, int]]
) -> Iterator[tuple[int, list[Any]]]:
    starting = {(top, column): bottom for column, top, bottom in merges}
    columns = {column for column, _, _ in merges}
    open_merges: dict[int, tuple[int, Any]] = {}
    for number, (row, formulas) in enumerate(zip(rows, computed, strict=False), start=1):
        if not formulas and row.count(None) == len(row):
            continue  # sheets may have a million of these
        cells: list[str | Fault] = [_text(value) for value in row]
        for i in formulas:
            cells[i] = cells[i] or _NO_VALUE
        has_own = any(cells)
        for column in columns:
            if (number, column) in starting:
                open_merges[column] = (starting[number, column], cells[column])
            elif has_own and column in open_merges and number <= open_merges[column][0]:
                cells[column] = open_merges[column][1]
        yield number, cells


def _text(value: Any) -> str:
    """A cell as somebody would have typed it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date() | time() | timedelta():
            return str(value)
        case _:
            return str(value)


def write_workbook(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """One sheet of texts: bold header that stays in sight, wrapped lines.

    Raises:
        InvalidInput: a text is longer than Excel keeps.
    """
    workbook = import_module("openpyxl").Workbook(write_only=True)
    styles, cells = import_module("openpyxl.styles"), import_module("openpyxl.cell")
    sheet = workbook.create_sheet("kefu")
    sheet.freeze_panes = "A2"
    bold, wrapped = styles.Font(bold=True), styles.Alignment(wrap_text=True, vertical="top")

    def make(text: str) -> Any:
        if len(text) > _LONGEST_TEXT:
            raise InvalidInput(
                f"a text has {len(text):,} characters, Excel keeps {_LONGEST_TEXT:,}: write .csv or .jsonl"
            )
        cell = cells.WriteOnlyCell(sheet, text)
        cell.data_type, cell.alignment = "s", wrapped
        return cell

    top = [make(text) for text in header]
    for number, cell in enumerate(top):
        cell.font = bold
        sheet.column_dimensions[chr(ord("A") + number)].width = _WIDTH
    sheet.append(top)
    for row in rows:
        sheet.append([make(text) for text in row])
    workbook.save(path)
