"""Pauses of 1 to 60 seconds at random: pace and outcome together keep every one of them and lose nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import SendMessage

from bot.telegram.limits import RateLimiter, Wait
from bot.telegram.outcomes import outcome_of
from conversations.deliveries import RetryAt
from tests.integration.telegram_server.conftest import bot_of
from tests.telegram_server.clock import FastClock
from tests.telegram_server.limits import RandomFlood
from tests.telegram_server.server import TelegramServer

CHATS = list(range(1, 31))


@pytest.fixture
def clock() -> FastClock:
    return FastClock(factor=200)


@pytest.fixture
async def server(clock: FastClock) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(clock, monotonic=clock.monotonic) as running:
        running.world.limits.grace = 0
        running.world.limits.enforce(RandomFlood(share=0.2))
        for chat in CHATS:
            running.customer(chat)
        yield running


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as running:
        yield running


async def send_patiently(bot: Bot, limiter: RateLimiter, clock: FastClock, chat: int) -> None:
    while True:
        wait = await limiter.turn(chat, 5, timedelta(seconds=10))
        if isinstance(wait, Wait):
            await clock.sleep((wait.until - clock.now()).total_seconds())
            continue
        try:
            await bot(SendMessage(chat_id=chat, text="tea"))
            return
        except AiogramError as error:
            outcome = outcome_of(error, clock.now())
            assert isinstance(outcome, RetryAt)
            limiter.pause(outcome.instant)


async def test_no_call_is_made_before_its_pause_ends_and_nothing_is_lost(
    server: TelegramServer, bot: Bot, clock: FastClock
) -> None:
    limiter = RateLimiter(clock)
    for chat in CHATS:
        await send_patiently(bot, limiter, clock, chat)
    await limiter.close()
    server.log.assert_obeyed()
    assert [server.log.texts(chat) for chat in CHATS] == [["tea"]] * len(CHATS)
    assert sum(call.status == 429 for call in server.log.calls) > 0


async def test_a_bot_that_knows_no_pauses_is_found_out(server: TelegramServer, bot: Bot) -> None:
    for chat in CHATS:
        try:
            await bot(SendMessage(chat_id=chat, text="tea"))
        except AiogramError:
            continue
    assert {violation.kind for violation in server.log.violations} == {"call_before_retry_after"}
    assert server.log.new_messages < len(CHATS)
