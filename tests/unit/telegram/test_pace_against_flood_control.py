"""Our pace, seen through a network with delays by flood control as Telegram enforces it."""

import random
from datetime import timedelta

import pytest

from bot.telegram.limits import Book, Rates
from tests.support.clock import MONDAY_MORNING
from tests.telegram_server.calls import Call
from tests.telegram_server.limits import Limits

PEOPLE = list(range(1, 3001))
GROUP = [-1001] * 120
#: A little above what Telegram allows, everywhere.
HASTY = Rates(per_second=31, chat_gap=timedelta(seconds=0.7), group_span=timedelta(seconds=55))


def journey(chats: list[int], rates: Rates, delay: float) -> tuple[int, float]:
    """Messages to these chats, each up to `delay` seconds under way: how many were refused, and how many a second."""
    book, now, dice = Book(rates), MONDAY_MORNING, random.Random(5)
    arrivals = []
    for chat in chats:
        now = book.earliest(chat, now)
        book.enter(chat, now)
        arrivals.append(((now - MONDAY_MORNING).total_seconds() + dice.uniform(0, delay), chat))
    limits = Limits()
    limits.enforce()
    calls = [(at, Call("sendMessage", {"chat_id": chat})) for at, chat in sorted(arrivals)]
    refused = sum(limits.refuse(call, bool(call.chat_id and call.chat_id < 0), at) is not None for at, call in calls)
    return refused, len(chats) / max(at for at, _ in arrivals)


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2])
def test_nothing_is_refused_at_27_messages_a_second(delay: float) -> None:
    refused, rate = journey(PEOPLE, Rates(), delay)
    assert refused == 0
    assert rate >= 27


@pytest.mark.parametrize("delay", [0.0, 0.06])
def test_a_busy_group_is_never_refused(delay: float) -> None:
    refused, _ = journey(GROUP, Rates(), delay)
    assert refused == 0


@pytest.mark.parametrize("chats", [PEOPLE, GROUP])
def test_a_hasty_pace_is_caught(chats: list[int]) -> None:
    refused, _ = journey(chats, HASTY, delay=0.06)
    assert refused > 0
