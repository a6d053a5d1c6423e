"""Promises count business time, stand still while we wait, and keep what was used."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.controls.tickets.naive_clocks import (
    CountsEveryMinute,
    CountsOnUnderThePlan,
    EndsWithThePlan,
    ForgetsThePause,
)
from tests.unit.tickets.shipped import HOURS, RULES, SHANGHAI
from tests.unit.tickets.test_business_hours import HAVANA, LORD_HOWE, NEW_YORK, instants, weeks
from tickets.business_hours import BusinessHours, Windows
from tickets.facts import TicketFacts
from tickets.rules import Promise
from tickets.sla import Clock, Hours, choose, escalations, later, new_clock, promise_again
from tickets.values import Count, Severity, Target

FIRST, NEXT, RESOLUTION = Target


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def clock(minutes: int, since: str, count: Count = Count.OPEN) -> Clock:
    return Clock(FIRST, timedelta(minutes=minutes), count, 0.75, "r", since=at(since))


@pytest.mark.parametrize(
    ("severity", "tier", "target", "opened", "due"),
    [
        # severe: 15 minutes, one business hour else
        ("critical", "standard", FIRST, "2026-03-02 10:00", "2026-03-02 10:15"),
        ("high", "standard", FIRST, "2026-03-02 10:00", "2026-03-02 10:15"),
        ("normal", "standard", FIRST, "2026-03-02 10:00", "2026-03-02 11:00"),
        # a gold customer
        ("normal", "gold", FIRST, "2026-03-02 10:00", "2026-03-02 10:30"),
        # in the evening: the first hour of the morning
        ("normal", "standard", FIRST, "2026-03-02 20:00", "2026-03-03 10:00"),
        ("critical", "standard", FIRST, "2026-03-02 20:00", "2026-03-03 09:15"),
        # over closing time
        ("normal", "standard", FIRST, "2026-03-02 17:30", "2026-03-03 09:30"),
        # solved or dated within 24 hours
        ("normal", "standard", RESOLUTION, "2026-03-02 20:00", "2026-03-03 20:00"),
    ],
)
def test_what_the_shipped_rules_promise(severity: str, tier: Any, target: Target, opened: str, due: str) -> None:
    rule = choose(TicketFacts(tier=tier), Severity(severity), RULES)
    started = new_clock(rule, target, at(opened))
    assert started is not None
    assert started.due_at(HOURS) == at(due)


def test_twenty_four_hours_do_not_run_on_days_when_the_shop_is_shut() -> None:
    weekdays = Hours.of(BusinessHours(SHANGHAI, (*HOURS.open.weekly[:5], (), ())))
    friday = clock(24 * 60, "2026-03-06 15:00", Count.OPEN_DAYS)
    assert friday.due_at(weekdays) == at("2026-03-09 15:00")


def test_a_paused_clock_is_due_never_and_goes_on_where_it_stood() -> None:
    paused = clock(60, "2026-03-02 17:40").paused(HOURS, at("2026-03-03 09:10"))
    assert paused.spent == timedelta(minutes=30)
    assert paused.due_at(HOURS) is None
    assert paused.started(at("2026-03-05 20:00")).due_at(HOURS) == at("2026-03-06 09:30")


def test_a_change_of_severity_keeps_the_time_already_used() -> None:
    normal, severe = (choose(TicketFacts(), severity, RULES) for severity in (Severity.NORMAL, Severity.HIGH))
    started = new_clock(normal, FIRST, at("2026-03-02 10:00"))
    assert started is not None
    (now_severe,) = promise_again({FIRST: started}, severe, HOURS, at("2026-03-02 10:05"))
    assert now_severe.due_at(HOURS) == at("2026-03-02 10:15")
    (too_late,) = promise_again({FIRST: started}, severe, HOURS, at("2026-03-02 10:40"))
    assert too_late.used(HOURS, at("2026-03-02 10:40")) == timedelta(minutes=40)
    due = too_late.due_at(HOURS)
    assert due is not None
    assert due <= at("2026-03-02 10:40")
    (back,) = promise_again({FIRST: now_severe}, normal, HOURS, at("2026-03-02 10:10"))
    assert back.due_at(HOURS) == at("2026-03-02 11:00")


def test_a_paused_clock_stays_paused_when_the_severity_changes() -> None:
    severe = choose(TicketFacts(), Severity.HIGH, RULES)
    paused = clock(60, "2026-03-02 10:00").paused(HOURS, at("2026-03-02 10:10"))
    (changed,) = promise_again({FIRST: paused}, severe, HOURS, at("2026-03-02 12:00"))
    assert (changed.is_running, changed.spent) == (False, timedelta(minutes=10))


#: When we began to wait for somebody else, when that was over, and what is due then, by a date of the 4th at three.
DATED = [
    # nobody else is waited for: the date
    (None, None, "2026-03-04 15:00"),
    # a wait that is over before the date
    ("2026-03-02 15:00", "2026-03-03 15:00", "2026-03-04 15:00"),
    # one that outlasts it: what was left of the 24 hours when the date was given
    ("2026-03-03 15:00", "2026-03-05 10:00", "2026-03-06 06:00"),
]


def due_with_a_plan(kind: type[Clock], paused: str | None, resumed: str | None) -> datetime | None:
    """Of a promise of 24 hours, of which four were used when the customer was told a date."""
    opened = kind(RESOLUTION, timedelta(hours=24), Count.OPEN_DAYS, 0.75, "r", since=at("2026-03-02 10:00"))
    dated = opened.planned(HOURS, at("2026-03-04 15:00"), at("2026-03-02 14:00"))
    if paused and resumed:
        dated = dated.paused(HOURS, at(paused)).resumed(at(resumed))
    return dated.due_at(HOURS)


@pytest.mark.parametrize(("paused", "resumed", "due"), DATED)
def test_a_date_is_due_in_place_of_the_end(paused: str | None, resumed: str | None, due: str) -> None:
    assert due_with_a_plan(Clock, paused, resumed) == at(due)


@pytest.mark.parametrize("naive", [EndsWithThePlan, CountsOnUnderThePlan])
def test_clocks_that_misunderstand_a_date_are_caught(naive: type[Clock]) -> None:
    assert any(due_with_a_plan(naive, paused, resumed) != at(due) for paused, resumed, due in DATED)


def test_somebody_is_warned_before_the_promise_breaks() -> None:
    assert clock(60, "2026-03-02 17:30").warn_due_at(HOURS) == at("2026-03-03 09:15")


@pytest.mark.parametrize(
    ("on", "severity", "to"),
    [
        ("warning", Severity.NORMAL, ["person"]),
        ("warning", Severity.CRITICAL, ["person", "supervisor"]),
        ("breach", Severity.LOW, ["supervisor"]),
    ],
)
def test_who_hears_of_it(on: str, severity: Severity, to: list[str]) -> None:
    assert [rule.to for rule in escalations(RULES, on, FIRST, severity)] == to


def test_a_new_time_is_told_as_a_quarter_of_an_hour() -> None:
    assert later(HOURS.open, at("2026-03-02 16:52"), timedelta(hours=2)) == at("2026-03-03 10:00")


zones = st.sampled_from([SHANGHAI, HAVANA, LORD_HOWE, NEW_YORK])
pauses = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 600)), max_size=4)
DAYS = st.frozensets(st.dates(date(2026, 1, 1), date(2027, 2, 1)), max_size=20)


Pauses = list[tuple[int, int]]


@dataclass(frozen=True)
class Shift:
    """A calendar, a start, and runs and pauses in turn, in minutes."""

    hours: Hours
    start: datetime
    spans: Pauses


def shift(zone: ZoneInfo, week: tuple[Windows, ...], closed: frozenset[date], start: datetime, spans: Pauses) -> Shift:
    return Shift(Hours.of(BusinessHours(zone, week, closed)), start, spans)


shifts = st.builds(shift, zones, weeks, DAYS, instants, pauses)


def mismatches(shift: Shift, clock: Clock) -> int:
    """At how many ends of a run the clock has used something else than a minute hand counted."""
    running, now, counted, wrong = clock, shift.start, 0, 0
    for run, pause in shift.spans:
        end = now + timedelta(minutes=run)
        counted += sum(shift.hours.open.is_open(now + timedelta(minutes=minute)) for minute in range(run))
        running = running.paused(shift.hours, end)
        wrong += running.spent != timedelta(minutes=counted)
        now = end + timedelta(minutes=pause)
        running = running.started(now)
    return wrong


def clock_from(start: datetime) -> Clock:
    return Clock(FIRST, timedelta(minutes=60), Count.OPEN, 0.75, "r", since=start)


@settings(max_examples=60, deadline=None)
@given(shift=shifts)
def test_a_clock_with_pauses_equals_a_count_by_the_minute(shift: Shift) -> None:
    assert mismatches(shift, clock_from(shift.start)) == 0


@pytest.mark.soak
@settings(max_examples=20_000, deadline=None)
@given(shift=shifts)
def test_a_clock_equals_a_count_by_the_minute_on_20_000_calendars(shift: Shift) -> None:
    assert mismatches(shift, clock_from(shift.start)) == 0


@pytest.mark.parametrize("naive", [CountsEveryMinute, ForgetsThePause])
def test_naive_clocks_are_caught(naive: type[Clock]) -> None:
    """The same comparison finds a clock that knows no opening hours, and one that counts on while it is paused."""
    day = shift(SHANGHAI, HOURS.open.weekly, frozenset(), at("2026-03-02 17:00"), [(90, 30), (30, 0)])
    broken = naive(FIRST, timedelta(minutes=60), Count.OPEN, 0.75, "r", since=day.start)
    assert mismatches(day, broken) > 0


@settings(max_examples=40, deadline=None)
@given(shift=shifts, within=st.integers(1, 900))
def test_a_due_time_lies_as_far_ahead_as_was_promised(shift: Shift, within: int) -> None:
    promised = Clock(FIRST, timedelta(minutes=within), Count.OPEN, 0.75, "r", since=shift.start)
    if week_opens(shift.hours, shift.start):
        due = promised.due_at(shift.hours)
        assert due is not None
        assert shift.hours.open.between(shift.start, due) == timedelta(minutes=within)


def week_opens(hours: Hours, now: datetime) -> bool:
    return hours.open.between(now, now + timedelta(days=60)) > timedelta(days=2)


def test_a_promise_that_is_kept_the_same_is_no_change() -> None:
    rule = choose(TicketFacts(), Severity.NORMAL, RULES)
    started = clock(60, "2026-03-02 10:00")
    promise = rule.promise(FIRST)
    assert promise == Promise(within=timedelta(hours=1))
    same = started.promising(HOURS, promise, rule, datetime(2026, 3, 2, 2, 20, tzinfo=UTC))
    assert same.due_at(HOURS) == started.due_at(HOURS)
