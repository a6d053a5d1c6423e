"""What an owner types to write first: seen before it goes out, held, reported on; and the week in figures."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.command_line import CommandLine

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_programme_is_seen_enabled_reported_on_and_paused(kefu: CommandLine) -> None:
    today = datetime.now(UTC).astimezone(SHANGHAI).date()
    birthday = today + timedelta(days=3)
    (kefu.folder / "people.csv").write_text(f"客户编号,生日,接受关怀\nC-1,1980-{birthday:%m-%d},是\n", "utf-8")
    assert kefu("customers", "import", "people.csv", "--yes").code == 0
    listed = kefu("programmes", "list", "--json").json["items"]
    assert len(listed) == 26
    assert {row["state"] for row in listed} == {"off"}
    seen = kefu("programmes", "enable", "birthday-gift", "--dry-run", "--json").json
    assert seen == {"count": 0, "cost": [], "skip": {"no_channel": 1}, "first": []}
    asked = kefu("programmes", "enable", "birthday-gift")
    assert (asked.code, "Add --yes" in asked.err) == (1, True)
    assert "birthday-gift is on." in kefu("programmes", "enable", "birthday-gift", "--yes").out
    days = ("--from", today.isoformat(), "--to", (today + timedelta(days=9)).isoformat())
    preview = kefu("follow-ups", "preview", *days, "--programme", "birthday-gift", "--json").json
    assert [(row["occasion"], row["decision"], row["because"]["key"]) for row in preview["items"]] == [
        (birthday.isoformat(), "skip", "no_channel")
    ]
    assert kefu("follow-ups", "list", "--json").json == {"items": []}
    report = kefu("programmes", "report", "birthday-gift", "--json").json
    assert (report["sent"], report["bought"]["customers"], report["holdout"]["share"]) == (0, 0, None)
    assert "sent 0, answered 0, stopped 0" in kefu("programmes", "report", "birthday-gift").out
    assert kefu("programmes", "pause", "birthday-gift").out == "birthday-gift is off.\n"


def test_everything_is_held_and_released(kefu: CommandLine) -> None:
    assert kefu("follow-ups", "hold").code == 0
    assert kefu("follow-ups", "release").code == 0


def test_the_week_is_printed_in_words_and_as_json(kefu: CommandLine) -> None:
    printed = kefu("report", "--week", "2026-03-04", KEFU_STAFF_LANGUAGE="en")
    assert printed.out.startswith("The week of 2026-03-02 to 2026-03-08\n\nTo be done now\nNothing waits to be done\n")
    week = kefu("report", "--week", "--json").json
    assert (week["cases"]["opened"], week["follow_ups"]["sent"], week["to_do"]["to_pay"]) == (0, 0, 0)
    assert week["text"].startswith("一周小结 ")


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        # a programme that does not exist: the ones that do are named
        (("programmes", "report", "brithday"), 1, "there are: birthday"),
        (("programmes", "enable", "brithday", "--yes"), 1, "there is no programme 'brithday'"),
        # nobody to try it on, and the remedy
        (("programmes", "test", "birthday", "--to", "C-9"), 1, "name one who has written to the bot"),
        # a follow-up that does not exist
        (("follow-ups", "cancel", "7"), 1, "there is no follow-up 7"),
        # a preview that is too long, or the wrong way round
        (("follow-ups", "preview", "--from", "2026-01-01", "--to", "2026-03-01"), 1, "31 days at most"),
        (("follow-ups", "preview", "--from", "2026-01-02", "--to", "2026-01-01"), 1, "before the first"),
        # which report, and of which day
        (("report",), 2, "kefu report --week [DATE]"),
        (("report", "--week", "2026-13-01"), 2, "write it like 2026-03-02"),
        (("report", "--week", "1900-01-01"), 1, "out of reach"),
    ],
)
def test_mistakes_are_named_in_one_line(kefu: CommandLine, words: tuple[str, ...], code: int, complaint: str) -> None:
    ran = kefu(*words)
    assert ran.code == code, ran.err
    assert complaint in ran.err
    assert "Traceback" not in ran.err
