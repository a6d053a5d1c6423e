"""Telegram's limits, enforced by the server: answers first, nothing too early, nothing lost."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
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
from tests.support.measuring import within
from tests.support.telegram_bot import BotPlan, running_bot
from tests.telegram_server.clock import FastClock
from tests.telegram_server.limits import RandomFlood
from tests.telegram_server.server import TelegramServer

_FASTER = 30.0
#: On a machine that stands still now and then two calls may arrive closer together than they left.
_A_FEW = 0.1


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


@dataclass(frozen=True, slots=True)
class Broadcast:
    """So many messages wait, and so many customers write while they go out."""

    messages: int
    customers: int

    async def shortfall(self, server: TelegramServer, database: Database, folder: Path, number: int) -> float:
        """Below 1: at least 27 messages a second, and a 95th percentile of answers' delays below 2 s.

        With chats of its own for each `number`.
        """
        rate, delays = await self._send(server, database, folder, 1_000_000 * number + 1)
        server.log.assert_obeyed()
        assert share_refused(server) == 0
        return max(27 / rate, quantiles(delays, n=20)[-1] / 2)

    async def _send(
        self, server: TelegramServer, database: Database, folder: Path, first: int
    ) -> tuple[float, list[float]]:
        """Messages a second, and the answers' delays in seconds."""
        chats, customers = range(first, first + self.messages), range(first + 500_000, first + 500_000 + self.customers)
        for chat in chats:
            server.customer(chat)
        server.world.limits.enforce()
        plan, told = BotPlan(rates=Rates()), server.log.new_messages
        async with running_bot(server, database, EchoEngine(database, SystemClock()), folder, plan) as bot:
            await put(database, [draft(chat, "news", DeliveryKind.FOLLOW_UP) for chat in chats])
            await server.log.until(lambda log: log.new_messages > told)
            began, all_told = monotonic(), told + self.messages + self.customers
            delays = await customers_write(server, customers, pause=self.messages / 28 * 0.8 / self.customers)
            await server.log.until(lambda log: log.new_messages >= all_told, within=self.messages / 20 + 10)
            rate = (self.messages + self.customers - 1) / (monotonic() - began)
            await bot.idle()
        return rate, delays


def share_refused(server: TelegramServer) -> float:
    """Of the messages: calls that came earlier than Telegram allows."""
    statuses = [call.status for call in server.log.called("sendMessage")]
    return statuses.count(429) / len(statuses)


@pytest.mark.db
async def test_a_broadcast_keeps_to_what_telegram_allows_and_answers_go_before_it(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    """However slow the machine: an answer never waits for the half of what waits before it."""
    await prepare_echo(database)
    chats, customers = range(1, 151), range(1001, 1006)
    for chat in (*chats, *customers):
        server.customer(chat)
    server.world.limits.enforce()
    plan = BotPlan(rates=Rates())
    async with running_bot(server, database, EchoEngine(database, SystemClock()), tmp_path, plan) as bot:
        await put(database, [draft(chat, "news", DeliveryKind.FOLLOW_UP) for chat in chats])
        await server.log.until(lambda log: log.new_messages > 0)
        sent = server.log.new_messages
        await customers_write(server, customers, pause=0.1)
        assert server.log.new_messages - sent - len(customers) < (len(chats) - sent) / 2
        await bot.idle(60)
    assert Counter(delivery.text for delivery in server.log.messages())["news"] == len(chats)
    assert share_refused(server) < _A_FEW


@pytest.mark.soak
@pytest.mark.db
async def test_answers_are_quick_while_ten_thousand_other_messages_wait(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    await prepare_echo(database)
    broadcast = Broadcast(messages=10_000, customers=500)
    await within(1.0, lambda number: broadcast.shortfall(server, database, tmp_path, number))


@pytest.mark.db
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
        await bot.idle()
    arrived = [delivery.text for delivery in server.log.messages()]
    before = arrived[: len(arrived) - arrived[::-1].index("one")]
    assert before.count("two") < 10, before  # however slow the machine: one that waited in line would have had 19
    assert {tuple(server.log.texts(chat)) for chat in range(1, 21)} == {("one", "two", "three")}
    assert share_refused(server) < _A_FEW


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
            bot.door.sender._line._bot.session.middleware(told)
            due_at = clock.now()
            await put(database, [draft(chat, "news", DeliveryKind.FOLLOW_UP, due_at) for chat in range(1, chats + 1)])
            await bot.idle(60 + chats)
    return server, told


async def judge_flood(server: TelegramServer, told: Told, database: Database, chats: int) -> None:
    assert told.too_early == []
    assert [server.log.texts(chat) for chat in range(1, chats + 1)] == [["news"]] * chats
    assert {(delivery.state, delivery.attempt) for delivery in await list_all(database)} == {(DeliveryState.SENT, 1)}
    assert sum(call.status == 429 for call in server.log.calls) > chats / 10


@pytest.mark.db
async def test_no_call_is_made_before_a_pause_ends_and_no_attempt_is_burnt(database: Database, tmp_path: Path) -> None:
    server, told = await flooded(database, tmp_path, chats=20)
    await judge_flood(server, told, database, 20)


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
@pytest.mark.db
async def test_a_thousand_messages_survive_random_pauses(database: Database, tmp_path: Path) -> None:
    server, told = await flooded(database, tmp_path, chats=1000)
    await judge_flood(server, told, database, 1000)
