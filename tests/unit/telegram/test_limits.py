"""The bot keeps Telegram's pace: even, replies first, nobody held up by another's chat, silent in a pause."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.telegram.limits import Book, RateLimiter, Rates, Wait
from tests.support.clock import MONDAY_MORNING, FakeClock

GROUP = -1001
PATIENT = timedelta(hours=1)


def seconds(instant: datetime) -> float:
    return round((instant - MONDAY_MORNING).total_seconds(), 2)


def run(chats: list[int], rates: Rates, amount: int = 1) -> list[float]:
    """When messages to these chats go out, in seconds, if each waits for the one before."""
    book, now, times = Book(rates), MONDAY_MORNING, []
    for chat in chats:
        now = book.earliest(chat, now, amount)
        book.enter(chat, now, amount)
        times.append(seconds(now))
    return times


def test_different_chats_follow_each_other_evenly() -> None:
    assert run([1, 2, 3, 4, 5], Rates(per_second=10, burst=2)) == [0, 0, 0.1, 0.2, 0.3]


def test_one_chat_is_not_hurried() -> None:
    assert run([1, 1, 1], Rates()) == [0, 1.05, 2.1]


def test_a_group_has_twenty_a_minute() -> None:
    times = run([GROUP] * 42, Rates())
    assert times[19:22] == [19.95, 61.0, 62.05]
    assert times[40] == 122.0


def test_an_album_takes_the_time_of_its_pictures() -> None:
    assert run([GROUP] * 3, Rates(), amount=10) == [0, 10.5, 61.0]


def test_no_second_has_more_than_thirty() -> None:
    times = run(list(range(1, 1001)), Rates())
    busiest = max(sum(at <= later < at + 1.0 for later in times) for at in times)
    assert 28 <= busiest <= 30
    assert 1000 / times[-1] >= 28


@pytest.fixture
async def limiter(clock: FakeClock) -> AsyncIterator[RateLimiter]:
    limiter = RateLimiter(clock, Rates(per_second=10, burst=1))
    yield limiter
    await limiter.close()


async def settle() -> None:
    """Let everybody who can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def advance(clock: FakeClock, by: float) -> None:
    clock.advance(by)
    await settle()


class Line:
    """People who wait for their turn, and the order in which they got it."""

    def __init__(self, limiter: RateLimiter) -> None:
        self.limiter = limiter
        self.order: list[str] = []
        self.told: dict[str, Wait] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def join(self, name: str, chat: int, priority: int = 5, patience: timedelta = PATIENT) -> None:
        self.tasks[name] = asyncio.create_task(self._wait(name, chat, priority, patience))
        await settle()

    async def _wait(self, name: str, chat: int, priority: int, patience: timedelta) -> None:
        told = await self.limiter.turn(chat, priority, patience)
        if told is None:
            self.order.append(name)
        else:
            self.told[name] = told


async def test_replies_go_before_what_has_waited_longer(limiter: RateLimiter, clock: FakeClock) -> None:
    line = Line(limiter)
    for name, chat, priority in [("first", 1, 5), ("offer", 2, 5), ("offer 2", 3, 5), ("reply", 4, 1)]:
        await line.join(name, chat, priority)
    for _ in range(3):
        await advance(clock, 0.1)
    assert line.order == ["first", "reply", "offer", "offer 2"]


async def test_a_busy_chat_holds_up_nobody_else(limiter: RateLimiter, clock: FakeClock) -> None:
    line = Line(limiter)
    for name, chat in [("anna", 1), ("anna again", 1), ("ben", 2)]:
        await line.join(name, chat)
    await advance(clock, 0.1)
    assert line.order == ["anna", "ben"]
    await advance(clock, 1.0)
    assert line.order == ["anna", "ben", "anna again"]


async def test_a_pause_stops_all_who_wait_and_tells_them_until_when(limiter: RateLimiter, clock: FakeClock) -> None:
    line = Line(limiter)
    await line.join("anna", 1)
    await line.join("anna again", 1)
    until = clock.now() + timedelta(seconds=30)
    limiter.pause(until)
    limiter.pause(clock.now() + timedelta(seconds=5))  # a shorter one changes nothing
    await settle()
    await advance(clock, 29)
    await line.join("ben", 2)
    assert line.told == {"anna again": Wait(until, everybody=True), "ben": Wait(until, everybody=True)}
    await advance(clock, 1)
    await line.join("ben again", 2)
    assert line.order == ["anna", "ben again"]


async def test_who_has_no_patience_is_told_when_to_come_back(limiter: RateLimiter, clock: FakeClock) -> None:
    line = Line(limiter)
    await line.join("anna", 1)
    await line.join("anna again", 1, patience=timedelta(seconds=1))
    assert line.told == {"anna again": Wait(clock.now() + timedelta(seconds=1.05))}


async def test_patience_ends_behind_a_crowd_of_replies(limiter: RateLimiter, clock: FakeClock) -> None:
    line = Line(limiter)
    for number in range(8):
        await line.join(f"reply {number}", number + 1, priority=1)
    await line.join("offer", 99, patience=timedelta(seconds=0.35))
    for _ in range(4):
        await advance(clock, 0.1)
    assert "offer" in line.told
    assert line.order == [f"reply {number}" for number in range(5)]


async def test_who_gives_up_leaves_the_turn_to_the_next(limiter: RateLimiter, clock: FakeClock) -> None:
    line = Line(limiter)
    for name, chat in [("anna", 1), ("ben", 2), ("cleo", 3)]:
        await line.join(name, chat)
    line.tasks["ben"].cancel()
    await settle()
    await advance(clock, 0.1)
    assert line.order == ["anna", "cleo"]
