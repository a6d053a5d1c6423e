"""Promises as a weekday and an hour, in the customer's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conversations.days import by_words
from conversations.values import Language

SHANGHAI, TORONTO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Toronto")
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)  # a Monday


@pytest.mark.parametrize(
    ("due", "zone", "zh", "en"),
    [
        ("2026-03-02T11:00:05", SHANGHAI, "今天（周一）上午11点前", "by 11 am today, Monday"),  # seconds do not count
        ("2026-03-02T11:01:00", SHANGHAI, "今天（周一）上午11点半前", "by 11:30 am today, Monday"),  # never earlier
        ("2026-03-02T12:20:00", SHANGHAI, "今天（周一）中午12点半前", "by 12:30 pm today, Monday"),
        ("2026-03-02T23:45:00", SHANGHAI, "明天（周二）凌晨0点前", "by 12 am tomorrow, Tuesday"),  # over midnight
        ("2026-03-03T10:00:00", SHANGHAI, "明天（周二）上午10点前", "by 10 am tomorrow, Tuesday"),
        ("2026-03-05T18:00:00", SHANGHAI, "3月5日（周四）晚上6点前", "by 6 pm on Thursday 5 March"),
        ("2026-03-02T11:00:00", TORONTO, "今天（周日）晚上10点前", "by 10 pm today, Sunday"),  # yesterday over there
    ],
)
def test_a_promise_in_words(due: str, zone: ZoneInfo, zh: str, en: str) -> None:
    at = datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)
    assert by_words(at, NOW, zone, Language.ZH) == zh
    assert by_words(at, NOW, zone, Language.EN) == en


def test_without_a_promise_no_time_is_named() -> None:
    assert by_words(None, NOW, SHANGHAI, Language.ZH) == "尽快"
    assert by_words(None, NOW, SHANGHAI, Language.EN) == "as soon as we can"
