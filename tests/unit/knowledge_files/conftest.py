"""Files as people make them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

WriteFile = Callable[[str, bytes | str], Path]
WriteWorkbook = Callable[..., Path]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def write_workbook(tmp_path: Path) -> WriteWorkbook:
    """Writes sheets by name; `merged` are ranges of the first one."""

    def write(merged: Sequence[str] = (), **sheets: Sequence[Sequence[object]]) -> Path:
        workbook = Workbook()
        for empty in workbook.worksheets:
            workbook.remove(empty)
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
        for reference in merged:
            workbook.worksheets[0].merge_cells(reference)
        path = tmp_path / "faq.xlsx"
        workbook.save(path)
        return path

    return write
