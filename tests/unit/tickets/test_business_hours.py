"""Business time equals what a patient person with a minute hand would count."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from tickets.business_hours import BusinessHours, NeverOpen, Window, first_instant

SHANGHAI, BERLIN, HAVANA = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/Havana")
LORD_HOWE, NEW_YORK = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/New_York")
OFFICE = (Window.parse("09:00-12:00"), Window.parse("13:00-18:00"))
WEEK = (OFFICE,) * 5 + ((),) * 2
SHOP = BusinessHours(
    SHANGHAI, WEEK, closed=frozenset({date(2026, 2, 17), date(2026, 2, 18)}), make_up=frozenset({date(2026, 2, 28)})
)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        # within the morning
        ("2026-03-02 09:30", 60, "2026-03-02 10:30"),
        # over lunch
        ("2026-03-02 11:30", 60, "2026-03-02 13:30"),
        # written before opening
        ("2026-03-02 07:00", 60, "2026-03-02 10:00"),
        # Friday evening is Monday morning
        ("2026-03-06 17:30", 60, "2026-03-09 09:30"),
        # over a public holiday of two days
        ("2026-02-16 17:30", 60, "2026-02-19 09:30"),
        # a Saturday that is worked to make up for it
        ("2026-02-27 17:30", 60, "2026-02-28 09:30"),
        # an end that is exactly closing time stays today
        ("2026-03-02 17:00", 60, "2026-03-02 18:00"),
        # three working days of eight hours
        ("2026-03-02 09:00", 3 * 480, "2026-03-04 18:00"),
    ],
)
def test_a_promise_counts_business_time_only(start: str, minutes: int, due: str) -> None:
    assert SHOP.add(at(start), timedelta(minutes=minutes)) == at(due)


def test_a_night_shift_belongs_to_the_evening_it_begins() -> None:
    nights = BusinessHours(SHANGHAI, ((Window.parse("22:00-06:00"),), *((),) * 6))
    assert nights.is_open(at("2026-03-03 05:59"))
    assert not nights.is_open(at("2026-03-03 06:00"))
    assert not nights.is_open(at("2026-03-02 05:00"))


def test_own_dates_win_over_holidays_and_week() -> None:
    open_on_new_year = BusinessHours(
        SHANGHAI, WEEK, SHOP.closed, own_dates={date(2026, 2, 17): (Window.parse("10:00-11:00"),)}
    )
    assert open_on_new_year.next_open(at("2026-02-17 00:00")) == at("2026-02-17 10:00")


def test_a_calendar_that_never_opens_is_said_so() -> None:
    with pytest.raises(NeverOpen):
        BusinessHours(SHANGHAI, ((),) * 7).add(at("2026-03-02 09:00"), timedelta(minutes=1))


@pytest.mark.parametrize("text", ["9-18", "25:00-26:00", "09:00-09:00", "09:61-10:00", "morning", ""])
def test_opening_times_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="09:00-18:00"):
        Window.parse(text)


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        # Berlin jumps from 02:00 to 03:00
        (BERLIN, "2026-03-29 02:30", "2026-03-29T01:00+00:00"),
        # Berlin has 02:30 twice: the first one
        (BERLIN, "2026-10-25 02:30", "2026-10-25T00:30+00:00"),
        # Havana's midnight does not exist
        (HAVANA, "2026-03-08 00:30", "2026-03-08T05:00+00:00"),
        # Lord Howe moves by half an hour
        (LORD_HOWE, "2026-10-04 02:15", "2026-10-03T15:30+00:00"),
        # an ordinary hour
        (SHANGHAI, "2026-03-02 09:00", "2026-03-02T01:00+00:00"),
    ],
)
def test_wall_times_in_gaps_and_folds(zone: ZoneInfo, wall: str, instant: str) -> None:
    assert first_instant(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(instant)


windows = st.tuples(st.integers(0, 47), st.integers(1, 40)).map(lambda w: Window(w[0] * 30, w[0] * 30 + w[1] * 30))
weeks = st.tuples(*[st.lists(windows, max_size=3).map(tuple)] * 7)
instants = st.integers(0, 400 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


def counted(hours: BusinessHours, start: datetime, end: datetime) -> timedelta:
    """Minute by minute."""
    count = 0
    while start < end:
        count += hours.is_open(start)
        start += timedelta(minutes=1)
    return timedelta(minutes=count)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from([SHANGHAI, BERLIN, HAVANA, LORD_HOWE, NEW_YORK]),
    week=weeks,
    closed=st.frozensets(st.dates(date(2026, 1, 1), date(2027, 2, 1)), max_size=30),
    start=instants,
    minutes=st.integers(0, 4 * 24 * 60),
)
def test_business_time_equals_a_count_by_the_minute(
    zone: ZoneInfo, week: tuple[tuple[Window, ...], ...], closed: frozenset[date], start: datetime, minutes: int
) -> None:
    hours = BusinessHours(zone, week, closed)
    end = start + timedelta(minutes=minutes)
    passed = counted(hours, start, end)
    assert hours.between(start, end) == passed
    if passed:
        due = hours.add(start, passed)
        assert due <= end
        assert counted(hours, start, due) == passed
