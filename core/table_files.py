"""Writing tables: CSV for spreadsheets, Excel workbooks, JSON lines. No cell of them can become a formula."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import InvalidInput
from core.table_values import defuse, join_list
from core.workbooks import write_workbook

Value = str | bool | Sequence[str] | None
Row = Mapping[str, Value]
_Writer = Callable[[Path, Sequence[str], Iterable[Row]], None]


class UnwritableFile(InvalidInput):
    code = "unwritable_file"


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Writes `rows` in the format that the name of `path` says; the file appears whole or not at all.

    Raises:
        UnwritableFile: another extension, or no room or right to write there.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise UnwritableFile(f"{path.name}: choose the format by the name, one of {', '.join(_WRITERS)}")
    with _replacing(path) as draft:
        write(draft, columns, rows)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.part")
    try:
        yield draft
        os.replace(draft, path)
    except OSError as error:
        raise UnwritableFile(f"{path} cannot be written ({error.strerror})") from None
    finally:
        draft.unlink(missing_ok=True)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    # The byte order mark tells Excel that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)


def _write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    write_workbook(path, columns, ([_cell(row.get(column)) for column in columns] for row in rows))


def _write_objects(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            given = {column: row[column] for column in columns if row.get(column) is not None}
            file.write(json.dumps(given, ensure_ascii=False) + "\n")


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return defuse(value)
        case _:
            return defuse(join_list(value))


_WRITERS: Mapping[str, _Writer] = {".csv": _write_csv, ".xlsx": _write_xlsx, ".jsonl": _write_objects}
