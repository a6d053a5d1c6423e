"""Customers, orders, rules and tasks on the command line."""

import asyncio
import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli.context import whoami
from core.clock import SystemClock
from core.database import Database
from core.settings import load_settings
from customers.tasks import PrivacyWish, ask_privacy
from tests.support.command_line import CommandLine

SHEET = "客户编号,姓名,手机,接受关怀\nC-1,李桂芳,13800138000,是\nC-2,=1+1,1.38E+10,\n"


def imported(kefu: CommandLine, text: str = SHEET) -> None:
    (kefu.folder / "c.csv").write_text(text, "utf-8")
    kefu("customers", "import", "c.csv")


def test_an_import_reports_and_ends_with_one_when_a_row_was_left_out(kefu: CommandLine) -> None:
    (kefu.folder / "c.csv").write_text(SHEET, "utf-8")
    ran = kefu("customers", "import", "c.csv", "--json")
    assert ran.code == 1
    assert ran.json["created"] == 1
    assert ran.json["reachable"] == {"now": 0, "of": 1}
    assert ran.json["rejections"][0]["column"] == "phone"
    assert Path(kefu.folder / ran.json["rejected_file"]).exists()
    dry = kefu("customers", "import", "c.csv", "--dry-run", "--json")
    assert (dry.json["applied"], dry.json["unchanged"]) == (False, 1)


def test_whoever_imports_sees_the_first_rows_before_anything_is_written(kefu: CommandLine) -> None:
    sheet = "number,name,phone,birthday\n" + "".join(f"C-{n},李{n},1380013800{n},农历八月十五\n" for n in range(7))
    (kefu.folder / "c.csv").write_text(sheet, "utf-8")
    words = ("customers", "import", "c.csv", "--map", "number=external_id")
    refused = kefu.at_a_terminal(*words, answer="n")
    rows, question = refused.out.index("李4"), refused.out.index("Import 7 customers?")
    assert (refused.code, rows < question, "李5" in refused.out) == (1, True, False)
    assert "08-15" in refused.out
    assert kefu("customers", "show", "1").code == 1
    assert "7 created" in kefu.at_a_terminal(*words, answer="y").out
    assert kefu("customers", "show", "1", "--json").json["name"] == "李0"


def test_whoever_imports_orders_sees_the_first_rows_before_anything_is_written(kefu: CommandLine) -> None:
    imported(kefu, "external_id,name\nC-1,李桂芳\n")
    sheet = "订单号,客户编号,金额\n" + "".join(f"A-{n},C-1,1{n}.50\n" for n in range(7))
    (kefu.folder / "o.csv").write_text(sheet, "utf-8")
    refused = kefu.at_a_terminal("orders", "import", "o.csv", answer="n")
    rows, question = refused.out.index("A-4"), refused.out.index("Import 7 orders?")
    assert (refused.code, rows < question, "A-5" in refused.out) == (1, True, False)
    assert orders_of_the_first(kefu) == 0
    assert "7 created" in kefu.at_a_terminal("orders", "import", "o.csv", answer="y").out
    assert orders_of_the_first(kefu) == 7


def orders_of_the_first(kefu: CommandLine) -> int:
    timeline = kefu("customers", "show", "1", "--json").json["timeline"]
    return sum(happened["kind"] == "order" for happened in timeline)


def test_what_a_person_has_to_do_is_listed_and_done(kefu: CommandLine) -> None:
    imported(kefu, "external_id,name\nC-1,李桂芳\n")
    asyncio.run(ask_for_a_copy())
    (task,) = kefu("tasks", "list", "--json").json["items"]
    assert (task["kind"], task["subject"], task["customer"]["name"]) == ("privacy", "copy", "李桂芳")
    assert task["due_at"] is not None
    assert kefu("tasks", "done", str(task["id"])).code == 0
    assert kefu("tasks", "list", "--json").json["items"] == []
    assert kefu("tasks", "done", str(task["id"])).code == 1


async def ask_for_a_copy() -> None:
    database = Database(load_settings().database_url)
    async with database.write() as session:
        await ask_privacy(session, 1, PrivacyWish.COPY, SystemClock().now())
    await database.close()


def test_the_templates_import_as_they_are(kefu: CommandLine) -> None:
    for suffix in ("csv", "xlsx"):
        for noun in ("customers", "orders"):
            assert kefu(noun, "template", f"{noun}.{suffix}").code == 0
            ran = kefu(noun, "import", f"{noun}.{suffix}", "--json")
            assert (ran.code, ran.json["rejected"]) == (0, 0), ran.out


def test_a_customer_is_shown_copied_invited_and_erased(kefu: CommandLine) -> None:
    imported(kefu, "external_id,name\nC-1,李桂芳\nC-2,=HYPERLINK(1)\nC-3,＝1\nC-4,+1\nC-5,@x\n")
    shown = kefu("customers", "show", "1", "--json").json
    assert (shown["name"], shown["timeline"][0]["kind"]) == ("李桂芳", "customer")
    assert json.loads(kefu("customers", "export", "1").out)["customer"]["external_id"] == "C-1"
    with closing(sqlite3.connect(kefu.folder / "data" / "kefu.db")) as database:
        book = database.execute("SELECT actor, object FROM audit_entry WHERE action = 'customers.export'").fetchall()
    assert book == [(whoami(), "customer:1")]
    assert kefu("customers", "links", "links.csv", "--qr", "qr").code == 0
    rows = list(csv.DictReader((kefu.folder / "links.csv").read_text("utf-8-sig").splitlines()))
    assert [row["name"] for row in rows] == ["李桂芳", "'=HYPERLINK(1)", "'＝1", "'+1", "'@x"]
    assert len({row["code"] for row in rows}) == 5
    assert len(list((kefu.folder / "qr").glob("*.png"))) == 5
    assert kefu("customers", "erase", "1").code == 1  # nobody agreed
    assert json.loads(kefu("customers", "erase", "1", "--yes").out)["customer"] == 1
    assert kefu("customers", "show", "1").code == 1


def test_rules_are_edited_as_a_file(kefu: CommandLine) -> None:
    shipped = kefu("rules", "show", "segments").out
    (kefu.folder / "s.toml").write_text(shipped.replace("window_days = 365", "window_days = 180"), "utf-8")
    assert kefu("rules", "check", "segments", "s.toml").code == 0
    assert "+window_days = 180" in kefu("rules", "diff", "segments", "s.toml").out
    assert kefu("rules", "backtest", "segments", "s.toml", "--json").json["changes"] == []
    assert "version 1" in kefu("rules", "publish", "segments", "s.toml", "--note", "half a year", "--yes").out
    assert "window_days = 180" in kefu("rules", "show", "segments").out
    assert kefu("rules", "show", "segments", "--default").out == shipped
    (kefu.folder / "bad.toml").write_text(shipped.replace("window_days", "windows"), "utf-8")
    refused = kefu("rules", "check", "segments", "bad.toml")
    assert refused.code == 1
    assert "scores.windows: there is no such name here" in refused.err


@pytest.mark.parametrize("words", [("customers", "show", "99"), ("tasks", "done", "99"), ("rules", "show", "tea")])
def test_what_is_not_there_is_one_line_and_exit_code_one(kefu: CommandLine, words: tuple[str, ...]) -> None:
    ran = kefu(*words)
    assert ran.code == 1
    assert len(ran.err.strip().splitlines()) == 1
    assert kefu("tasks", "list", "--json").json == {"items": []}
