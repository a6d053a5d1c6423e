"""Flood control: what is refused, for how long, and who did not wait."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter

from tests.telegram_server.calls import Call
from tests.telegram_server.limits import Limits, RandomFlood
from tests.telegram_server.server import TelegramServer


def message(chat_id: int = 71, method: str = "sendMessage", **params: object) -> Call:
    return Call(method, {"chat_id": chat_id} | params)


def waits(limits: Limits, calls: list[tuple[float, Call]]) -> list[int | None]:
    return [limits.refuse(call, bool(call.chat_id and call.chat_id < 0), at) for at, call in calls]


def enforced(**sizes: float) -> Limits:
    limits = Limits(**sizes)  # type: ignore[arg-type]
    limits.enforce()
    return limits


def test_one_chat_takes_one_message_a_second() -> None:
    calls = [(100.0, message()), (100.5, message()), (101.6, message()), (101.7, message(72))]
    assert waits(enforced(), calls) == [None, 1, None, None]


def test_a_little_jitter_is_forgiven() -> None:
    assert waits(enforced(), [(100.0, message()), (100.8, message())]) == [None, None]


def test_thirty_a_second_in_all() -> None:
    at_once = [(100.0, message(n)) for n in range(31)]
    assert waits(enforced(), at_once) == [None] * 30 + [1]
    steady = [(100.0 + n / 30, message(n)) for n in range(600)]
    assert waits(enforced(), steady) == [None] * 600
    too_fast = [(100.0 + n / 32, message(n)) for n in range(600)]
    assert 1 in waits(enforced(), too_fast)


def test_twenty_a_minute_in_a_group() -> None:
    calls = [(100.0 + 2 * n, message(-5)) for n in range(21)]
    assert waits(enforced(), calls) == [None] * 20 + [20]


def test_an_album_counts_each_picture() -> None:
    album = message(-5, "sendMediaGroup", media=[{}] * 10)
    calls = [(100.0, album), (103.0, album), (106.0, message(-5))]
    assert waits(enforced(), calls) == [None, None, 54]


def test_typing_and_questions_are_free() -> None:
    calls = [(100.0, message()), (100.0, message(method="sendChatAction")), (100.0, message(method="getChat"))]
    assert waits(enforced(), calls) == [None, None, None]


def test_nothing_is_enforced_until_it_is_switched_on() -> None:
    assert waits(Limits(), [(100.0, message())] * 50) == [None] * 50


def test_a_call_before_the_end_of_its_pause_is_told_apart_from_one_under_way() -> None:
    limits = enforced()
    limits.pause(None, 100.0, 5)
    assert [limits.is_violation(message(), at) for at in (100.2, 101.0, 104.9, 105.0)] == [False, True, True, False]
    assert not limits.is_violation(message(method="getChat"), 101.0)


def test_random_pauses_hit_about_their_share() -> None:
    limits = Limits()
    limits.enforce(RandomFlood(share=0.2))
    refused = [wait for wait in waits(limits, [(100.0 * n, message(n)) for n in range(1, 1001)]) if wait]
    assert 150 <= len(refused) <= 250
    assert (min(refused), max(refused)) == (1, 60)


async def test_a_bot_that_does_not_wait_is_found_out(server: TelegramServer, bot: Bot) -> None:
    server.world.limits.grace = 0
    server.customer(71)
    server.fail("flood", chat_id=71, times=1, retry_after=60)
    with pytest.raises(TelegramRetryAfter) as refusal:
        await bot.send_message(71, "tea")
    assert refusal.value.retry_after == 60
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(71, "tea")
    assert [violation.kind for violation in server.log.violations] == ["call_before_retry_after"]


async def test_limits_are_enforced_over_http(server: TelegramServer, bot: Bot) -> None:
    server.world.limits.enforce()
    server.customer(71)
    await bot.send_message(71, "one")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(71, "two")
    assert server.log.texts(71) == ["one"]
    assert server.log.busiest(1.0) == 1
