"""A time that an agent writes binds the shop; what is asked, requested, or long past does not."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conversations.desk.words import guarantees, read_times

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_TEN = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        # a part of a day binds by its end
        ("明天上午给您答复", "03-03 12:00"),
        ("明早给您打电话", "03-03 10:00"),
        ("今天下班前一定回复您", "03-02 18:00"),
        ("we'll let you know tomorrow morning", "03-03 12:00"),
        ("You'll have an answer by noon tomorrow", "03-03 12:00"),
        ("By end of day I'll reply", "03-02 18:00"),
        # a day alone: until the shop closes
        ("我们今天处理", "03-02 18:00"),
        ("5号寄出", "03-05 18:00"),
        ("3月10日前退给您", "03-10 18:00"),
        ("1月5号前退给您", None),  # ten months ahead is no promise of ours
        ("Your parcel will be sent by Friday", "03-06 18:00"),
        # an hour of the day is one when people are awake
        ("3点前告诉您", "03-02 15:00"),
        ("十二点前回复您", "03-02 12:00"),
        ("15点前给您结果", "03-02 15:00"),
        ("今晚8点半联系您", "03-02 20:30"),
        ("by 3", "03-02 15:00"),
        ("I'll call you by 3:30 p.m.", "03-02 15:30"),
        ("at 11 o'clock I will call", "03-02 11:00"),
        # an hour that is over today is tomorrow's
        ("9点前给您答复", "03-03 09:00"),
        # from now on
        ("两个小时内回您", "03-02 12:00"),
        ("半小时内回电", "03-02 10:30"),
        ("一个半小时内回您", "03-02 11:30"),
        ("within two hours", "03-02 12:00"),
        ("In half an hour we'll know", "03-02 10:30"),
        # working days leave the weekend out
        ("5个工作日内退款", "03-09 18:00"),
        ("within 3 working days", "03-05 18:00"),
        # this week's day, and next week's
        ("周五上午寄出", "03-06 12:00"),
        ("下周三前补发", "03-11 18:00"),
        ("next Monday we'll send it", "03-09 18:00"),
        # questions, requests and tales promise nothing
        ("您明天上午在家吗？", None),
        ("请您明天把照片发给我", None),
        ("Please send it by 3", None),
        ("Can you be there by 3?", None),
        ("您今天下的单", None),
        ("我们昨天发货了", None),
        ("您好，我来看看", None),
        ("There will be 3 of them", None),
    ],
)
def test_what_binds_until_when(text: str, at: str | None) -> None:
    found = [f"{given.at:%m-%d %H:%M}" for given in read_times(text, MONDAY_TEN, SHANGHAI)]
    assert found == ([at] if at else [])


@pytest.mark.parametrize(
    ("text", "settles"),
    [
        # something is done
        ("明天下午3点前给您退款", True),
        ("周五上午寄出，寄出后告诉您单号", True),
        ("我们明天处理好给您打电话", True),
        ("We'll refund you and let you know by Friday", True),
        ("I'll send you a new tin tomorrow", True),
        ("Your parcel will be sent by Friday", True),
        # the deed stands behind the comma
        ("明天下午3点前，给您补发", True),
        ("By 3 pm tomorrow, we'll have it sorted", True),
        # a time alone, a result: it is over then
        ("by 3", True),
        ("15点前给您结果", True),
        # an answer, and no more
        ("明天上午给您答复", False),
        ("今晚8点半联系您", False),
        ("明天告诉您能不能退", False),
        ("明天上午帮您查一下物流", False),
        ("明天下午3点前，我会联系您", False),
        ("下午发消息给您", False),
        ("I'll let you know tomorrow whether we can refund it", False),
        ("I'll send you an answer by 3", False),
        ("we'll look into it today", False),
        ("By 3 pm tomorrow, I'll call you", False),
        # said twice for one time: the deed counts
        ("明天下午3点前给您答复。明天下午3点前补发。", True),
    ],
)
def test_whether_it_is_settled_by_then_or_only_answered(text: str, settles: bool) -> None:
    assert [given.settles for given in read_times(text, MONDAY_TEN, SHANGHAI)] == [settles]


def test_two_times_are_two_promises_the_earlier_first() -> None:
    found = read_times("结果明天上午给您答复。电话今天下午3点前打给您。", MONDAY_TEN, SHANGHAI)
    assert [(given.words, f"{given.at:%d %H:%M}") for given in found] == [
        ("今天下午3点", "02 15:00"), ("明天上午", "03 12:00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("我保证明天到", True),
        ("We guarantee it", True),
        ("guaranteed tomorrow", True),
        # the thing, not the promise
        ("您的保单", False),
        ("尽量明天到", False),
    ],
)
def test_a_guarantee_is_noticed(text: str, asks: bool) -> None:
    assert guarantees(text) is asks
