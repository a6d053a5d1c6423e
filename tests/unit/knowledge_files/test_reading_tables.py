"""Tables are read however people made them, and what cannot be read is said in one line."""

import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from core.errors import InvalidInput
from core.sheets import UnreadableFile
from core.tables import Column, Table, TableForm, read_table
from tests.unit.knowledge_files.conftest import WriteFile, WriteWorkbook

FORM = TableForm(
    (Column("question", ("问题", "q")), Column("answer", ("答案",)), Column("note", ("备注",))),
    required=(("question",), ("answer",)),
)
TWO_ROWS = "问题,答案\n几点开门？,九点\n怎么退货？,七天内\n"


def questions(table: Table) -> list[str]:
    return [str(row.cells["question"]) for row in table.rows]


@pytest.mark.parametrize(
    "content",
    [
        TWO_ROWS.encode(),  # UTF-8
        TWO_ROWS.encode("utf-8-sig"),  # with the mark that Excel writes
        TWO_ROWS.encode("gbk"),  # a Chinese Windows
        TWO_ROWS.encode("utf-16"),  # Excel's "Unicode text"
        TWO_ROWS.replace(",", ";").encode(),  # a European Excel
        TWO_ROWS.replace(",", "\t").encode(),  # copied from a sheet
        TWO_ROWS.replace("\n", "\r\n").encode(),  # Windows line ends
        TWO_ROWS.replace("\n", "\r").encode(),  # an old Mac's
        f"sep=,\n{TWO_ROWS}".encode(),  # Excel's own hint
        f"西湖春常见问题,\n,\n{TWO_ROWS}".encode(),  # a title above the header
        TWO_ROWS.replace("问题,答案", " Question ,ANSWER").encode(),  # English headers, whatever the case
        TWO_ROWS.replace("问题,答案", "问　题*,【答案】").encode(),  # wide spaces, stars, brackets
        TWO_ROWS.replace("\n", "\n\n").encode(),  # empty lines
    ],
)
def test_a_csv_file_is_understood(write_file: WriteFile, content: bytes) -> None:
    assert questions(read_table(write_file("faq.csv", content), FORM)) == ["几点开门？", "怎么退货？"]


def test_a_file_is_told_by_its_content_and_not_by_its_name(write_workbook: WriteWorkbook) -> None:
    path = write_workbook(faq=[["问题", "答案"], ["几点开门？", "九点"]])
    renamed = path.rename(path.with_suffix(".csv"))
    assert questions(read_table(renamed, FORM)) == ["几点开门？"]


def test_rows_carry_the_numbers_that_people_see(write_file: WriteFile) -> None:
    path = write_file("faq.csv", "标题\n\n问题,答案\n一,1\n\n二,2\n")
    assert [row.number for row in read_table(path, FORM).rows] == [4, 6]


def test_merged_cells_fill_the_rows_that_they_span(write_workbook: WriteWorkbook) -> None:
    rows = [["问题", "答案", "备注"], ["几点开门？", "九点", "一"], [None, None, "二"], ["怎么退货？", "七天内", "三"]]
    path = write_workbook(merged=["A2:A3", "B2:B3"], faq=rows)
    assert [dict(row.cells) for row in read_table(path, FORM).rows] == [
        {"question": "几点开门？", "answer": "九点", "note": "一"},
        {"question": "几点开门？", "answer": "九点", "note": "二"},
        {"question": "怎么退货？", "answer": "七天内", "note": "三"},
    ]


def test_all_sheets_are_read_and_others_are_named(write_workbook: WriteWorkbook) -> None:
    path = write_workbook(
        店铺=[["问题", "答案"], ["几点开门？", "九点"]],
        售后=[["备注", "答案", "问题"], ["", "七天内", "怎么退货？"]],
        目录=[["第一页", "第二页"]],
    )
    table = read_table(path, FORM)
    assert [(row.sheet, row.cells["question"]) for row in table.rows] == [
        ("店铺", "几点开门？"),
        ("售后", "怎么退货？"),
    ]
    assert table.warnings == ["faq.xlsx, sheet '目录' has no header that is known and was left out"]


def test_cells_of_a_workbook_read_as_they_were_typed(write_workbook: WriteWorkbook) -> None:
    values = [38, 38.5, True, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), 13812345678.0]  # noqa: DTZ001 - Excel knows no zones
    path = write_workbook(faq=[["问题", "答案"], *([value, "x"] for value in values)])
    assert questions(read_table(path, FORM)) == [
        "38", "38.5", "yes", "2026-03-01", "2026-03-01 09:30:00", "13812345678",
    ]  # fmt: skip


def test_a_formula_that_was_never_computed_is_named(write_workbook: WriteWorkbook) -> None:
    path = write_workbook(faq=[["问题", "答案"], ["几点开门？", '="九"&"点"'], ["怎么退货？", "七天内"]])
    rows = read_table(path, FORM).rows
    assert rows[0].faults == [("answer", "holds a formula that has not been computed: paste its value")]
    assert rows[1].faults == []


def test_a_header_that_nobody_knows_is_mapped_or_named(write_file: WriteFile) -> None:
    path = write_file("faq.csv", "客人问,答案,价格\n几点开门？,九点,38\n")
    with pytest.raises(UnreadableFile, match=r"lacks the column question \(问题\)"):
        read_table(path, FORM)
    table = read_table(path, FORM, {"客人问": "question"})
    assert questions(table) == ["几点开门？"]
    assert table.warnings == ["the column '价格' is not known and was left out; use it with --map \"价格=COLUMN\""]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"客人问": "colour"}, "there is no column 'colour'"),  # not one of ours
        ({"价钱": "note"}, "has no column '价钱'"),  # not one of theirs
    ],
)
def test_a_wrong_mapping_is_refused(write_file: WriteFile, mapping: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_table(write_file("faq.csv", "问题,答案\n一,1\n"), FORM, mapping)


def test_json_lines_give_lists_and_leave_out_what_they_do_not_say(write_file: WriteFile) -> None:
    lines = [{"question": "一", "answer": "1", "note": ["a", "b|c"]}, {"问题": "二", "答案": "2"}]
    path = write_file("faq.jsonl", "\n".join(json.dumps(line) for line in lines))
    assert [dict(row.cells) for row in read_table(path, FORM).rows] == [
        {"question": "一", "answer": "1", "note": ("a", "b|c")},
        {"question": "二", "answer": "2"},
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"question": "一", ', "is no valid JSON"),  # cut off
        ('["一", "1"]', "is no JSON object"),  # a list
        ("[" * 100_000, "is no valid JSON"),  # deeper than any parser goes
        ('{"question": {"zh": "一"}, "answer": "1"}', "must be a text"),  # nested
        (f'{{"question": {"1" * 5000}, "answer": "1"}}', "is no valid JSON"),  # a number of 5,000 digits
        ('{"question": "a\\u0000b", "answer": "1"}', "control character U+0000"),  # an escaped NUL
        ('{"question": "a\\ud800b", "answer": "1"}', "control character U+D800"),  # half a character
    ],
)
def test_a_bad_line_spoils_only_itself(write_file: WriteFile, line: str, said: str) -> None:
    path = write_file("faq.jsonl", f'{{"question": "一", "answer": "1"}}\n{line}\n')
    good, bad = read_table(path, FORM).rows
    assert good.faults == []
    assert len(bad.faults) == 1
    assert said in bad.faults[0][1]


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("faq.csv", b"", "is empty"),
        ("faq.csv", b" \n\n ", "is empty"),
        ("faq.csv", b"\xff\xfe\xff", "neither UTF-8 nor GBK"),  # half a character in UTF-16
        ("faq.csv", b"caf\xe9\n\xff\xff", "neither UTF-8 nor GBK"),
        (
            "faq.csv",
            '问题,答案\n"几点,九点\n怎么,七天\n'.encode(),
            "row 2: a quotation mark is opened and never closed",
        ),
        ("faq.csv", "甲,乙\n一,1\n".encode(), "has no header that is known"),
        ("faq.csv", "问题,乙\n一,1\n".encode(), r"lacks the column answer \(答案\)"),
        ("faq.pdf", b"%PDF-1.7 ...", "is a PDF"),
        ("faq.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password-protected Excel file"),
        ("faq.png", b"\x89PNG\r\n", "is a picture"),
        ("faq.csv.gz", b"\x1f\x8b\x08", "is compressed"),
        ("faq.xlsx", b"PK\x03\x04 cut off", "cannot be read as an Excel file"),
        ("faq.zip", archive(readme=b"hello"), "no Excel workbook"),
        ("bomb.xlsx", archive(huge=b"0" * 401_000_000), "far too much for a table"),
        ("faq.xlsx", archive(**{"xl__workbook.xml": b"<oops"}), "cannot be read as an Excel file"),
        ("faq.jsonl", b"not json\nat all\n", "holds no JSON objects"),
        ("faq.jsonl", b'{"a": 1}\n', "lacks the column question"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(
    write_file: WriteFile, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        read_table(write_file(name, content), FORM)
    assert "\n" not in caught.value.detail


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(UnreadableFile, match="cannot be read"):
            read_table(path, FORM)


def test_an_entity_bomb_does_not_go_off(write_workbook: WriteWorkbook) -> None:
    path = write_workbook(faq=[["问题", "答案"], ["一", "1"]])
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/workbook.xml"] = evil
    path.write_bytes(archive(**{name.replace("/", "__"): content for name, content in parts.items()}))
    with pytest.raises(UnreadableFile, match="cannot be read as an Excel file"):
        read_table(path, FORM)


def test_far_away_cells_cost_nothing(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["问题", "答案"])
    sheet.append(["一", "1"])
    sheet["XFD900000"] = "x"
    workbook.save(tmp_path / "far.xlsx")
    assert questions(read_table(tmp_path / "far.xlsx", FORM)) == ["一"]


def test_a_row_with_a_stray_separator_is_named(write_file: WriteFile) -> None:
    path = write_file("faq.csv", "问题,答案\n几点,开门？,九点\n怎么退货？,七天内\n")
    rows = read_table(path, FORM).rows
    assert [bool(row.faults) for row in rows] == [True, False]
