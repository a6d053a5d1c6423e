"""What agents read in Telegram, in both languages; what they type as a time; which job comes first."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.telegram.desk.cards import Line, line_text
from bot.telegram.desk.hearing import Typed, read_command
from bot.telegram.desk.jobs import Job, What
from bot.telegram.desk.looks import COMMANDS
from bot.telegram.desk.talk import TOLD, Happening, Word, happening_text, write_news
from bot.telegram.desk.wording import Wording, sentences
from conversations.desk.words import read_until
from conversations.values import Attachment, AttachmentKind, Author
from tickets.values import EventType, Severity, TicketStatus

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Shanghai
ZH, EN = Wording("zh", ZONE), Wording("en", ZONE)


def test_every_sentence_is_there_in_both_languages_with_the_same_slots() -> None:
    slots = {
        language: {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in sentences(language).items()}
        for language in ("zh", "en")
    }
    assert slots["zh"] == slots["en"]
    assert all(text.strip() for language in ("zh", "en") for text in sentences(language).values())


def test_every_command_of_the_menu_is_named_in_both_languages() -> None:
    assert all(wording.say(f"command.{name}") for wording in (ZH, EN) for name in COMMANDS)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


TIMES = [
    ("明天10点", local(3, 10)),
    ("明天上午", local(3, 12)),
    ("2小时", local(2, 12)),
    ("两小时", local(2, 12)),
    ("半小时", local(2, 10, 30)),
    ("一个半小时", local(2, 11, 30)),
    ("30分钟", local(2, 10, 30)),
    ("3天", local(5, 10)),
    ("2h", local(2, 12)),
    ("45 min", local(2, 10, 45)),
    ("half an hour", local(2, 10, 30)),
    ("two days", local(4, 10)),
    ("18:00", local(2, 18)),
    ("tomorrow 10 am", local(3, 10)),
    ("周五", local(6, 18)),
    ("friday afternoon", local(6, 18)),
    # No times: a name, a bare number, nothing, and a year that nobody waits.
    ("圆通", None),
    ("7", None),
    ("", None),
    ("400天", None),
]


@pytest.mark.parametrize(("typed", "wanted"), TIMES)
def test_a_time_as_it_is_typed(typed: str, wanted: datetime | None) -> None:
    assert read_until(typed, NOW, ZONE) == wanted


COMMAND_LINES = [
    ("/take", Typed("take", "")),
    ("/TAKE", Typed("take", "")),
    ("/assign@kefu_bot  li ", Typed("assign", "li")),
    ("/hold 圆通\n明天10点", Typed("hold", "圆通 明天10点")),
    # For another bot, a path, a note, talk.
    ("/take@other_bot", None),
    ("/usr/bin", None),
    ("//take", None),
    ("take /it", None),
]


@pytest.mark.parametrize(("typed", "wanted"), COMMAND_LINES)
def test_a_command_as_it_is_typed(typed: str, wanted: Typed | None) -> None:
    assert read_command(typed, "kefu_bot") == wanted


def line(**facts: object) -> Line:
    given = {"number": 1042, "severity": Severity.CRITICAL, "status": TicketStatus.OPEN, "name": "李", "topic": "破损"}
    return Line(**{"due_at": NOW + timedelta(hours=7, minutes=30), **given, **facts})  # type: ignore[arg-type]


LINES = [
    (line(), "🔴17:30 #1042 李 · 破损"),
    # On another day the date stands in front.
    (line(due_at=NOW + timedelta(days=1)), "🔴03-03 10:00 #1042 李 · 破损"),
    # While we wait for somebody the dot says so; what has ended is due no more.
    (line(status=TicketStatus.PENDING, name=None), "⏸17:30 #1042 没人接 · 破损"),
    (line(status=TicketStatus.RESOLVED), "✅ #1042 李 · 破损"),
    # A title of Telegram's has 128 characters at most.
    (line(topic="长" * 200), ("🔴17:30 #1042 李 · " + "长" * 200)[:128]),
]


@pytest.mark.parametrize(("shown", "wanted"), LINES)
def test_a_case_in_one_line(shown: Line, wanted: str) -> None:
    assert line_text(shown, ZH, NOW) == wanted


def word(n: int, text: str, author: Author = Author.CUSTOMER, **more: object) -> Word:
    name = "王女士" if author is not Author.AGENT else "小李"
    return Word(n, author, name, text, NOW + timedelta(seconds=n), **more)  # type: ignore[arg-type]


def test_a_post_tells_all_in_the_order_of_time_and_names_whose_it_is() -> None:
    photo = Attachment(kind=AttachmentKind.PHOTO, remote_id="photo-1")
    card = Attachment(kind=AttachmentKind.CONTACT, data={"phone": "138"})
    happened = Happening(7, EventType.ESCALATED, "小陈", "看看", NOW + timedelta(seconds=2))
    words = [word(1, "碎了", attachments=(photo, card)), word(3, "好的", Author.BOT), word(4, "36 元", replaces=True)]
    news = write_news(words, [happened], ZH, NOW, "小李")
    assert news.text.splitlines() == [
        "@小李",
        "**王女士**：［图片, 名片］ 碎了",
        "小陈 请主管看一下。看看",
        "自动：好的",
        "王女士 改成：36 元",
    ]
    assert news.attachments == (photo,)
    assert news.shows == 4


def test_nobody_is_called_when_the_customer_has_not_written() -> None:
    assert not write_news([word(1, "您好", Author.AGENT)], [], ZH, NOW, "小李").text.startswith("@")


DATA = {
    "assignee": "小李", "to": "小李", "agent": "小李", "from": "小李", "because": "away", "waiting_for": "圆通",
    "until": NOW.isoformat(), "into": 1001, "target": "resolution", "due_at": NOW.isoformat(), "score": 5,
    "kind": "voucher", "amount_minor": 1000, "currency": "CNY", "state": "offered",
}  # fmt: skip


@pytest.mark.parametrize("kind", TOLD, ids=str)
@pytest.mark.parametrize("wording", [ZH, EN], ids=["zh", "en"])
def test_everything_that_is_told_has_its_words(kind: EventType, wording: Wording) -> None:
    text = "forgotten" if kind is EventType.FLAGGED else "x"
    assert happening_text(Happening(1, kind, "小陈", text, NOW, DATA), wording, NOW)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


ORDERS = [
    # A customer's words go before a title that waits as long, and behind one that has waited much longer.
    (Job(What.NEWS, 1, ago(10)), Job(What.TITLE, 2, ago(10))),
    (Job(What.TITLE, 1, ago(90)), Job(What.NEWS, 2, ago(10))),
    # A new case, and a severe one, go before words that have waited a little longer.
    (Job(What.OPEN, 1, ago(1)), Job(What.NEWS, 2, ago(30))),
    (Job(What.NEWS, 1, ago(1), 90), Job(What.NEWS, 2, ago(60))),
    # Cards and the board follow; none of them starves.
    (Job(What.NEWS, 1, ago(10)), Job(What.CARD, 2, ago(60))),
    (Job(What.BOARD, 0, ago(300)), Job(What.NEWS, 2, ago(200))),
]


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_what_presses_more_comes_first(first: Job, second: Job) -> None:
    assert first.points(NOW) > second.points(NOW)
