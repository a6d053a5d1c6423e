"""What an import did, and the rows that it could not use."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.table_files import UnwritableFile, write_table
from core.tables import REJECTION_COLUMNS, TableRow


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was left out; `column` None: the row as a whole."""

    sheet: str | None
    row: int
    column: str | None
    reason: str

    @classmethod
    def of(cls, row: TableRow, column: str | None, reason: str) -> "Rejection":
        return cls(row.sheet, row.number, column, reason)


@dataclass(slots=True)
class ImportReport:
    """The shape `import report` of the contract. While `applied` is false it tells what would be done."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    archived: int = 0
    applied: bool = False
    rejections: list[Rejection] = field(default_factory=list)
    rejected_file: str | None = None
    warnings: list[str] = field(default_factory=list)

    def shape(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def changes(self) -> int:
        return self.created + self.updated + self.archived


def write_rejected(path: Path, rejected: Iterable[tuple[TableRow, Rejection]]) -> Path | None:
    """Writes the rows that were left out to `FILE.rejected.csv`, reason first, to be mended and imported again.

    None where nothing may be written beside the file.
    """
    listed = list(rejected)
    headers = dict.fromkeys(header for row, _ in listed for header in row.source)
    rows = ({**row.source, **_reason(rejection)} for row, rejection in listed)
    target = path.with_name(f"{path.name}.rejected.csv")
    try:
        write_table(target, [*REJECTION_COLUMNS, *(h for h in headers if h not in REJECTION_COLUMNS)], rows)
    except UnwritableFile:
        return None
    return target


def _reason(rejection: Rejection) -> dict[str, str | None]:
    return asdict(rejection) | {"row": str(rejection.row)}
