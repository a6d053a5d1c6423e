"""Telegram's limits, enforced by the server: answers first, nothing too early, nothing lost."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from time import monotonic
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.middlewares.base import NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import SendMessage
from aiogram.methods.base import Response, TelegramMethod

from bot.telegram.limits import Rates
from conversations.outbox import OutboxPace
from conversations.values import DeliveryKind, DeliveryState
from core.clock import Clock, SystemClock
from core.database import Database
from tests.integration.telegram.outbox import draft, list_all, put
from tests.integration.telegram_server.conftest import bot_of
from tests.support.echo_engine import EchoEngine, prepare_echo
from tests.support.telegram_bot import BotPlan, running_bot
from tests.telegram_server.clock import FastClock
from tests.telegram_server.limits import RandomFlood
from tests.telegram_server.server import TelegramServer

_FASTER = 30.0


async def customers_write(server: TelegramServer, chats: range, pause: float) -> list[float]:
    """One message each, `pause` seconds apart; how long each waited for its answer."""
    waiting = []
    for chat in chats:
        server.customer(chat).says(f"n{chat}")
        waiting.append(asyncio.create_task(until_answered(server, chat)))
        await asyncio.sleep(pause)
    return list(await asyncio.gather(*waiting))


async def until_answered(server: TelegramServer, chat: int) -> float:
    began = monotonic()
    await server.log.until_texts(chat, 1, within=60)
    return monotonic() - began


async def send_while_customers_write(
    server: TelegramServer, database: Database, folder: Path, broadcast: int, customers: int
) -> tuple[float, float]:
    """Messages a second while the broadcast went out, and the 95th percentile of the answers' delays in seconds."""
    await prepare_echo(database)
    for chat in range(1, broadcast + 1):
        server.customer(chat)
    server.world.limits.enforce()
    plan = BotPlan(rates=Rates())
    async with running_bot(server, database, EchoEngine(database, SystemClock()), folder, plan) as bot:
        await put(database, [draft(chat, "news", DeliveryKind.FOLLOW_UP) for chat in range(1, broadcast + 1)])
        await server.log.until(lambda log: log.new_messages > 0)
        began = monotonic()
        pause = broadcast / 28 * 0.8 / customers
        delays = await customers_write(server, range(1_000_000, 1_000_000 + customers), pause)
        await server.log.until(lambda log: log.new_messages >= broadcast + customers, within=broadcast / 20 + 10)
        rate = (broadcast + customers - 1) / (monotonic() - began)
        await bot.idle()
    return rate, quantiles(delays, n=20)[-1]


def assert_nothing_was_refused(server: TelegramServer) -> None:
    server.log.assert_obeyed()
    assert not [call for call in server.log.calls if call.status == 429]


async def test_a_broadcast_uses_what_telegram_allows_and_answers_go_before_it(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    rate, delay = await send_while_customers_write(server, database, tmp_path, broadcast=300, customers=20)
    assert_nothing_was_refused(server)
    assert rate >= 27, f"{rate:.1f} messages a second"
    assert delay < 2, f"p95 {delay:.2f} s"


@pytest.mark.soak
async def test_answers_are_quick_while_ten_thousand_other_messages_wait(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    rate, delay = await send_while_customers_write(server, database, tmp_path, broadcast=10_000, customers=500)
    assert_nothing_was_refused(server)
    assert rate >= 27, f"{rate:.1f} messages a second"
    assert delay < 2, f"p95 {delay:.2f} s"


async def test_a_chat_that_must_wait_keeps_nobody_else_waiting(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    """Twenty chats with three messages each: the second ones wait for a second, and all keep their order."""
    for chat in range(1, 21):
        server.customer(chat)
    server.world.limits.enforce()
    plan = BotPlan(rates=Rates())
    async with running_bot(server, database, EchoEngine(database, SystemClock()), tmp_path, plan) as bot:
        await put(database, [draft(chat, text) for chat in range(1, 21) for text in ("one", "two", "three")])
        await server.log.until(lambda log: log.new_messages >= 20, within=1.9)
        await bot.idle()
    assert {tuple(server.log.texts(chat)) for chat in range(1, 21)} == {("one", "two", "three")}
    assert_nothing_was_refused(server)


class Told:
    """Beside the bot's line: until when the bot knows that it must wait, and the calls that it began before that.

    The server cannot judge this: on a busy machine a call is on its way for long after it was begun.
    """

    def __init__(self, clock: Clock) -> None:
        self.too_early: list[str] = []
        self._clock = clock
        self._until = clock.now()

    async def __call__(
        self, make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Response[Any]:
        now = self._clock.now()
        if isinstance(method, SendMessage) and now < self._until:
            self.too_early.append(f"{(self._until - now).total_seconds():.3f} s before the end of the pause")
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as told:
            self._until = max(self._until, self._clock.now() + timedelta(seconds=told.retry_after))
            raise


async def flooded(database: Database, folder: Path, chats: int) -> tuple[TelegramServer, Told]:
    """A broadcast while the server says 429 to a fifth of the calls, each with 1 to 60 s; all clocks run fast."""
    clock = FastClock(_FASTER)
    told = Told(clock)
    async with TelegramServer(clock, monotonic=clock.monotonic) as server:
        server.world.limits.enforce(RandomFlood(share=0.2))
        for chat in range(1, chats + 1):
            server.customer(chat)
        pace = OutboxPace(tick=0.1, call=8 * _FASTER, lease=12 * _FASTER, account_lease=10 * _FASTER)
        plan = BotPlan(rates=Rates(), clock=clock, outbox=pace, loops=())
        async with running_bot(server, database, EchoEngine(database, clock), folder, plan) as bot:
            bot.door.sender._bot.session.middleware(told)
            due_at = clock.now()
            await put(database, [draft(chat, "news", DeliveryKind.FOLLOW_UP, due_at) for chat in range(1, chats + 1)])
            await bot.idle(60 + chats)
    return server, told


async def judge_flood(server: TelegramServer, told: Told, database: Database, chats: int) -> None:
    assert told.too_early == []
    assert [server.log.texts(chat) for chat in range(1, chats + 1)] == [["news"]] * chats
    assert {(delivery.state, delivery.attempt) for delivery in await list_all(database)} == {(DeliveryState.SENT, 1)}
    assert sum(call.status == 429 for call in server.log.calls) > chats / 10


async def test_no_call_is_made_before_a_pause_ends_and_no_attempt_is_burnt(database: Database, tmp_path: Path) -> None:
    server, told = await flooded(database, tmp_path, chats=30)
    await judge_flood(server, told, database, 30)


async def test_a_bot_that_forgets_what_it_was_told_is_found_out() -> None:
    clock = FastClock(_FASTER)
    told = Told(clock)
    async with TelegramServer(clock, monotonic=clock.monotonic) as server, bot_of(server) as bot:
        server.world.limits.enforce(RandomFlood(share=0.2))
        bot.session.middleware(told)
        for chat in range(1, 31):
            server.customer(chat)
            with suppress(TelegramRetryAfter):
                await bot(SendMessage(chat_id=chat, text="news"))
    assert told.too_early


@pytest.mark.soak
async def test_a_thousand_messages_survive_random_pauses(database: Database, tmp_path: Path) -> None:
    server, told = await flooded(database, tmp_path, chats=1000)
    await judge_flood(server, told, database, 1000)
