"""Reading the cells of a file that somebody made: CSV in whatever encoding and separator, Excel workbooks, JSON lines.

Nothing is trusted: sizes are bounded before anything is unpacked, and what cannot be read ends in one clear line.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InvalidInput
from core.workbooks import Fault, is_workbook, read_workbook

LARGEST_FILE = 100_000_000
LARGEST_CELL = 20_000_000
MOST_ROWS = 1_000_000
_SEPARATORS = ",;\t|，；"
_LOOKED_AT = 20
_SENTINEL = "\x1cend"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Excel file: save it as .xlsx without a password"),
    (b"%PDF", "a PDF: export the table as .xlsx or .csv"),
    (b"\x89PNG", "a picture: export the table as .xlsx or .csv"),
    (b"\xff\xd8\xff", "a picture: export the table as .xlsx or .csv"),
    (b"\x1f\x8b", "compressed: unpack it first"),
)

csv.field_size_limit(LARGEST_CELL)


class UnreadableFile(InvalidInput):
    """The file as a whole is of no use; nothing was changed."""

    code = "unreadable_file"


Cell = str | tuple[str, ...] | Fault


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table's rows with the numbers that people see; `name` is None where the format has no sheets."""

    name: str | None
    rows: Iterator[tuple[int, Sequence[Cell]]]


#: How many cells of a row are headers that we know.
Recognise = Callable[[Sequence[Cell]], int]


def read_sheets(path: Path, recognise: Recognise) -> Iterator[Sheet]:
    """The sheets of a CSV or XLSX file, told apart by content.

    Raises:
        UnreadableFile
    """
    data = read_bytes(path)
    if is_workbook(data):
        try:
            for name, rows in read_workbook(data):
                yield Sheet(name, _bounded(path, rows))
        except (InvalidInput, UnreadableFile):
            raise
        except Exception as error:  # a damaged workbook fails in a hundred ways
            raise UnreadableFile(f"{path.name} cannot be read as an Excel file ({type(error).__name__})") from None
    else:
        yield Sheet(None, _bounded(path, _read_csv(path, decode(path, data), recognise)))


def read_objects(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | Fault]]:
    """The JSON objects of a file with one a line, numbered by line. Empty lines are skipped.

    Raises:
        UnreadableFile
    """
    for number, line in enumerate(decode(path, read_bytes(path)).split("\n"), start=1):
        if line.strip():
            yield number, _read_object(line)


def looks_like_objects(path: Path) -> bool:
    """Whether a file holds JSON lines, by its name or its first character."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return True
    if path.suffix.lower() in (".csv", ".tsv", ".xlsx") or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_bytes(path: Path) -> bytes:
    """The whole file. Raises UnreadableFile: missing, no file, or too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableFile(f"{path.name} has {size / 1e6:.0f} MB, at most {LARGEST_FILE / 1e6:.0f}: split it")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read ({(error.strerror or 'no file').lower()})") from None


def decode(path: Path, data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or GBK (as GB 18030, which contains it)."""
    for magic, what in _OTHER_KINDS:
        if data.startswith(magic):
            raise UnreadableFile(f"{path.name} is {what}")
    if not data.strip():
        raise UnreadableFile(f"{path.name} is empty")
    marked = [encoding for mark, encoding in _BOMS if data.startswith(mark)]
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
            return text if "\n" in text else text.replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"{path.name} is neither UTF-8 nor GBK text: save it as CSV UTF-8 or .xlsx")


def _read_object(line: str) -> Mapping[str, Any] | Fault:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Fault(f"is no valid JSON ({error})" if isinstance(error, json.JSONDecodeError) else "is no valid JSON")
    return value if isinstance(value, dict) else Fault('is no JSON object: {"question": ..., "answer": ...}')


def _bounded(path: Path, rows: Iterator[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Rows with something in them, no more than anybody has."""
    for number, cells in rows:
        if number > MOST_ROWS:
            raise UnreadableFile(f"{path.name} has more than {MOST_ROWS:,} rows: split it")
        if any(cell.strip() if isinstance(cell, str) else cell for cell in cells):
            yield number, cells


def _read_csv(path: Path, text: str, recognise: Recognise) -> Iterator[tuple[int, Sequence[Cell]]]:
    hints = 1 if text[:4].lower() == "sep=" else 0  # Excel's own first line
    # A sentinel at the end shows whether a quote has swallowed the rest of the file.
    lines = io.StringIO(f"{text.rstrip()}\n{_SENTINEL}\n", newline="")
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=_separator(text, recognise)), start=1):
            if cells == [_SENTINEL]:
                return
            if number > hints:
                yield number, cells
    except csv.Error as error:
        raise UnreadableFile(f"{path.name}, row {number + 1}: {error}") from None
    raise UnreadableFile(f"{path.name}, row {number}: a quotation mark is opened and never closed")


def _separator(text: str, recognise: Recognise) -> str:
    """The one under which some line near the top has most headers that we know."""
    top = text.splitlines()[:_LOOKED_AT]

    def headers(separator: str) -> int:
        return max((recognise(row) for row in csv.reader(top, delimiter=separator)), default=0)

    try:
        return max(_SEPARATORS, key=headers)
    except csv.Error:
        return ","
