"""What is read of an update before anybody has decoded it, whatever it is."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.telegram.intake import ALBUM_GATHERS, BACKLOG_GATHERS, as_object, due_at
from bot.telegram.raw_updates import external_id, find_press, find_update_id, lane_of, storable

pytestmark = pytest.mark.telegram

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CHAT = {"id": 71, "type": "private"}


def message(**fields: Any) -> dict[str, Any]:
    return {"update_id": 5, "message": {"message_id": 1, "date": int(NOW.timestamp()), "chat": CHAT, **fields}}


# update, its lane
LANES: list[tuple[Any, str]] = [
    (message(), "71"),
    ({"update_id": 5, "edited_message": {"chat": {"id": -100}}}, "-100"),
    ({"update_id": 5, "callback_query": {"message": {"chat": CHAT}}}, "71"),
    ({"update_id": 5, "my_chat_member": {"chat": CHAT}}, "71"),
    # what does not say where it happened
    ({"update_id": 5, "poll": {"id": "9"}}, "odd"),
    (message(chat={"id": 2**63}), "odd"),
    (message(chat={"id": True}), "odd"),
    (message(chat=None), "odd"),
    ([], "odd"),
    (None, "odd"),
]


@pytest.mark.parametrize(("update", "lane"), LANES)
def test_the_lane_is_the_chat(update: Any, lane: str) -> None:
    assert lane_of(update) == lane


# what came, what is kept
KEPT: list[tuple[Any, Any]] = [
    ("tea 茶 😀", "tea 茶 😀"),
    ("a\0b", "a\ufffdb"),
    ("\ud83d", "?"),
    (2**63, str(2**63)),
    (float("inf"), "inf"),
    ({"a\0": [1, None, True, {"b": 1.5}]}, {"a\ufffd": [1, None, True, {"b": 1.5}]}),
]


@pytest.mark.parametrize(("value", "kept"), KEPT)
def test_what_no_database_keeps_is_replaced(value: Any, kept: Any) -> None:
    assert storable(value) == kept
    json.dumps(storable(value), ensure_ascii=False, allow_nan=False).encode()


def test_what_is_nested_without_end_is_cut() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]
    assert json.dumps(storable(deep)).count("[") < 100


def test_an_update_without_a_number_counts_once_all_the_same() -> None:
    assert (find_update_id({"update_id": "5"}), find_update_id({"update_id": True})) == (None, None)
    assert external_id({"poll": 1}) == external_id({"poll": 1}) != external_id({"poll": 2})
    assert as_object([1]) == {"odd": [1]}


def test_only_a_press_wants_an_acknowledgement() -> None:
    assert find_press({"callback_query": {"id": "77"}}) == "77"
    assert [find_press(each) for each in (message(), {"callback_query": {"id": 77}}, None)] == [None, None, None]


LATE = int((NOW - timedelta(hours=1)).timestamp())
#: update, how long its lane waits for what belongs to it
WAITS: list[tuple[Any, timedelta]] = [
    (message(), timedelta()),
    (message(media_group_id="7"), ALBUM_GATHERS),
    # the shop was away: the chat's other messages come right behind
    (message(date=LATE), BACKLOG_GATHERS),
    # an old message that was edited just now
    (message(date=LATE, edit_date=int(NOW.timestamp())), timedelta()),
    # a press under an old message
    ({"callback_query": {"id": "7", "message": {"chat": CHAT, "date": LATE}}}, timedelta()),
    (message(date="yesterday"), timedelta()),
]


@pytest.mark.parametrize(("update", "wait"), WAITS)
def test_albums_and_backlogs_gather_for_a_moment(update: Any, wait: timedelta) -> None:
    assert due_at(update, NOW) == NOW + wait
