"""Values in tables: read as people write them, written so that they read back and compute nothing."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.table_values import defuse, join_list, read_flag, read_instant, split_list, undefuse, write_instant

HANGZHOU = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("营业时间|几点关门", ("营业时间", "几点关门")),
        (" a | b |", ("a", "b")),  # trimmed, nothing empty
        ("a\nb", ("a", "b")),  # one a line, as people fill a cell
        (r"a\|b|c", ("a|b", "c")),  # a bar inside
        ("", ()),
    ],
)
def test_lists_are_split(text: str, items: tuple[str, ...]) -> None:
    assert split_list(text) == items


@given(st.lists(st.text(st.characters(exclude_characters="\\", exclude_categories=("Cc", "Cs", "Zs"))).filter(bool)))
def test_a_list_reads_back(items: list[str]) -> None:
    trimmed = [item.strip() for item in items if item.strip()]
    assert split_list(join_list(trimmed)) == tuple(trimmed)


@pytest.mark.parametrize(("text", "flag"), [("yes", True), ("是", True), ("否", False), ("", False), ("No", False)])
def test_yes_and_no_are_understood(text: str, flag: bool) -> None:
    assert read_flag(text) is flag


def test_perhaps_is_neither_yes_nor_no() -> None:
    with pytest.raises(ValueError, match="neither"):
        read_flag("perhaps")


@pytest.mark.parametrize(
    ("text", "end_of_day", "instant"),
    [
        ("2026-03-01", False, datetime(2026, 2, 28, 16, tzinfo=UTC)),  # its beginning in Hangzhou
        ("2026-03-01", True, datetime(2026, 3, 1, 16, tzinfo=UTC)),  # the last day is included
        ("2026/3/1", False, datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026年3月1日", False, datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("20260301", False, datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026-03-01 09:30:00", False, datetime(2026, 3, 1, 1, 30, tzinfo=UTC)),  # as Excel gives it
        ("2026-03-01T09:30:00Z", True, datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),  # RFC 3339 is taken as it is
        (" ", False, None),
    ],
)
def test_days_and_instants_are_read(text: str, end_of_day: bool, instant: datetime | None) -> None:
    assert read_instant(text, HANGZHOU, end_of_day) == instant


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "2026-13-01", "31.12.2026", "9:30"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no date"):
        read_instant(text, HANGZHOU)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)), st.booleans())  # noqa: DTZ001
def test_an_instant_reads_back(at: datetime, end_of_day: bool) -> None:
    assert read_instant(write_instant(at, HANGZHOU, end_of_day), HANGZHOU, end_of_day) == at


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@x", "\tx", "＝1", "＋1", "－1", "＠x", "'=1", "''=1"])
def test_what_a_spreadsheet_might_compute_stays_text(text: str) -> None:
    assert defuse(text).startswith("'")
    assert undefuse(defuse(text)) == text


@given(st.text())
def test_every_text_survives_a_spreadsheet(text: str) -> None:
    assert undefuse(defuse(text)) == text
