"""Files that real shops have spoilt: each ends in one clear line or in a report, and nothing is half done."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from core.database import Database
from core.errors import InvalidInput
from customers.imports import CustomersReport
from customers.models import Customer
from tests.integration.customers.test_imports import customers_in
from tests.support.clock import FakeClock

Make = Callable[[Path], object]
HEAD = "external_id,name,phone\n"


def text(content: str, encoding: str = "utf-8") -> Make:
    return lambda path: path.write_bytes(content.encode(encoding))


def raw(content: bytes) -> Make:
    return lambda path: path.write_bytes(content)


def book(*rows: list[Any], change: Callable[[Any], object] = lambda sheet: None) -> Make:
    def make(path: Path) -> None:
        workbook = Workbook()
        sheet: Any = workbook.active
        for row in rows:
            sheet.append(row)
        change(sheet)
        workbook.save(path)

    return make


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(450):
                part.write(b" " * 1_000_000)


def truncated(path: Path) -> None:
    book(["external_id"], ["C-1"])(path)
    path.write_bytes(path.read_bytes()[:-400])


#: Files of which nothing can be used, and a word of the complaint.
UNUSABLE: list[tuple[str, Make, str]] = [
    ("empty.csv", raw(b""), "empty"),
    ("blank.csv", text("\n \n\t\n"), "empty"),
    ("no header.csv", text("C-1,李,13800138000\n"), "no header"),
    ("other table.csv", text("商品,库存\n茶,3\n"), "no header"),
    ("picture.csv", raw(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100), "picture"),
    ("report.csv", raw(b"%PDF-1.7\n" + b"x" * 100), "PDF"),
    ("old.xlsx", raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600), "old or password-protected"),
    ("packed.csv", raw(b"\x1f\x8b\x08" + b"\x00" * 50), "compressed"),
    ("noise.csv", raw(bytes(range(128, 256)) * 4 + b"\xff\xff\xff"), "neither UTF-8 nor GBK"),
    ("archive.xlsx", lambda path: zipfile.ZipFile(path, "w").writestr("readme.txt", "hello"), "no Excel workbook"),
    ("bomb.xlsx", bomb, "refused"),
    ("truncated.xlsx", truncated, "cannot be read"),
    ("unclosed.csv", text(HEAD + 'C-1,"李,13800138000\nC-2,王,\n'), "never closed"),
    ("huge cell.csv", text(HEAD + "C-1," + "x" * 21_000_000 + ",\n"), "field"),
    ("no table.xlsx", book(["just", "words"]), "no header"),
    ("a folder.csv", lambda path: path.mkdir(), "cannot be read"),
    ("missing.csv", lambda path: None, "cannot be read"),
]
#: Files of which the good rows go in: how many, and how many come back with a reason.
USABLE: list[tuple[str, Make, int, int]] = [
    ("semicolons.csv", text("客户编号;姓名\nC-1;李\n"), 1, 0),
    ("tabs.csv", text("external_id\tname\nC-1\tLi\n"), 1, 0),
    ("utf-16.csv", text("external_id,name\nC-1,李\n", "utf-16"), 1, 0),
    ("gbk.csv", text("客户编号,姓名\nC-1,李桂芳\n", "gbk"), 1, 0),
    ("full width.csv", text("客户编号，姓名\nC-1，李\n"), 1, 0),
    ("old mac.csv", text("external_id,name\rC-1,Li\rC-2,Wang\r"), 2, 0),
    ("title above.csv", text("2026年客户名单,,\n,,\n客户编号,姓名,手机\nC-1,李,\n"), 1, 0),
    ("five megabytes.csv", text(HEAD + "C-1," + "x" * 5_000_000 + ",\nC-2,王,\n"), 1, 1),
    ("control.csv", text(HEAD + "C-1,a\x00b,\nC-2,王,\n"), 1, 1),
    ("too many cells.csv", text(HEAD + "C-1,Li, Gui Fang,13800138000\nC-2,王,\n"), 1, 1),
    ("wrong types.xlsx", book(["external_id", "phone", "birthday"], [True, "yes", 3.5], ["C-2", None, None]), 1, 1),
    ("formula.xlsx", book(["external_id", "name"], ["C-1", '=CONCAT("a","b")'], ["C-2", "王"]), 1, 1),
    ("merged.xlsx", book(["id", "tags"], ["C-1", "会员"], ["C-2"], change=lambda s: s.merge_cells("B2:B3")), 2, 0),
    ("ghost rows.xlsx", book(["external_id"], ["C-1"], [None], [None], ["C-2"]), 2, 0),
    ("formula text.csv", text(HEAD + "C-1,=cmd|' /C calc'!A0,\n"), 1, 0),
    ("doubled header.csv", text("external_id,name,name\nC-1,Li,Wang\n"), 1, 0),
]  # fmt: skip


def test_there_are_thirty_of_them() -> None:
    assert len(UNUSABLE) + len(USABLE) >= 30


async def count(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Customer)) or 0


@pytest.mark.parametrize(("name", "make", "complaint"), UNUSABLE, ids=[name for name, *_ in UNUSABLE])
async def test_what_cannot_be_used_changes_nothing_and_says_why(
    database: Database, clock: FakeClock, tmp_path: Path, name: str, make: Make, complaint: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(InvalidInput, match=complaint) as refused:
        await customers_in(database, clock, tmp_path / name)
    assert "\n" not in refused.value.detail
    assert len(refused.value.detail) < 400
    assert await count(database) == 0


@pytest.mark.parametrize(("name", "make", "created", "rejected"), USABLE, ids=[name for name, *_ in USABLE])
async def test_what_can_be_used_is(
    database: Database, clock: FakeClock, tmp_path: Path, name: str, make: Make, created: int, rejected: int
) -> None:
    make(tmp_path / name)
    report: CustomersReport = await customers_in(database, clock, tmp_path / name)
    assert (report.created, report.rejected) == (created, rejected)
    assert all(rejection.reason and rejection.row for rejection in report.rejections)
    assert await count(database) == created
