"""Long polling as Telegram does it, seen by a real aiogram bot."""

import asyncio

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramConflictError
from aiogram.types import Message

from tests.telegram_server.clock import ForwardClock
from tests.telegram_server.odd_updates import mutants, unknown_enum, unknown_kind
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.values import Json


async def numbers(bot: Bot, offset: int | None = None) -> list[int]:
    return [update.update_id for update in await bot.get_updates(offset=offset)]


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(server: TelegramServer, bot: Bot) -> None:
    anna = server.customer(71)
    first, second = anna.says("one").update_id, anna.says("two").update_id
    assert first
    assert await numbers(bot) == [first, second]
    assert await numbers(bot) == [first, second]
    assert await numbers(bot, offset=first + 1) == [second]
    assert server.updates.confirmed == [first]


async def test_a_negative_offset_keeps_the_last_ones(server: TelegramServer, bot: Bot) -> None:
    anna = server.customer(71)
    *_, last = (anna.says(word).update_id for word in ("one", "two", "three"))
    assert await numbers(bot, offset=-1) == [last]


async def test_a_poll_waits_for_the_next_message(server: TelegramServer, bot: Bot) -> None:
    anna = server.customer(71)
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await server.log.until(lambda log: bool(log.called("getUpdates")))
    anna.says("at last")
    (update,) = await poll
    assert update.message
    assert update.message.text == "at last"


async def test_a_poll_without_news_ends_empty(bot: Bot) -> None:
    assert await bot.get_updates(timeout=0) == []


async def test_a_second_poller_ends_the_first_with_409(server: TelegramServer, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await server.log.until(lambda log: bool(log.called("getUpdates")))
    await bot.get_updates(timeout=0)
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await first


async def test_polling_while_a_webhook_is_set_is_a_conflict(bot: Bot) -> None:
    await bot.set_webhook("https://shop.example/telegram")
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_only_the_kinds_asked_for_are_delivered(server: TelegramServer, bot: Bot) -> None:
    anna = server.customer(71)
    await bot.get_updates(allowed_updates=["message"])
    said = anna.says("tea")
    assert anna.edits(said.message_id, "green tea").update_id is None
    assert anna.blocks_bot() is None
    assert await numbers(bot) == [said.update_id]


async def test_what_is_older_than_24_hours_is_gone(server: TelegramServer, bot: Bot) -> None:
    assert isinstance(server.clock, ForwardClock)
    server.customer(71).says("yesterday")
    server.clock.forward(hours=24, seconds=1)
    today = server.customer(71).says("today").update_id
    assert await numbers(bot) == [today]


async def test_the_stock_loop_of_aiogram_is_served(server: TelegramServer, bot: Bot) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    loop = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
    server.customer(71).says("tea")
    assert await server.log.until_texts(71, 1) == ["tea"]
    await dispatcher.stop_polling()
    await loop


async def test_raw_answers_carry_updates_that_aiogram_cannot_decode(server: TelegramServer, bot: Bot) -> None:
    server.inject(unknown_kind())
    server.inject(unknown_enum(71))
    good = server.customer(71).says("tea")
    session = await bot.session.create_session()  # type: ignore[attr-defined]
    async with session.post(f"{server.url}/bot{bot.token}/getUpdates") as answer:
        raw = (await answer.json())["result"]
    assert [list(update) for update in raw] == [
        ["update_id", "telepathy"],
        ["update_id", "message"],
        ["update_id", "message"],
    ]
    assert raw[2]["message"] == good.message


async def test_a_thousand_mutants_can_be_fetched_and_confirmed(server: TelegramServer, bot: Bot) -> None:
    originals: list[Json] = [unknown_kind(), {"message": server.customer(71).says("tea").message}]
    for mutant in mutants(originals, 1000):
        server.inject(mutant)
    session = await bot.session.create_session()  # type: ignore[attr-defined]
    offset, fetched = 0, 0
    while server.updates.waiting():
        async with session.post(f"{server.url}/bot{bot.token}/getUpdates", json={"offset": offset}) as answer:
            raw = (await answer.json())["result"]
        fetched += len(raw)
        offset = raw[-1]["update_id"] + 1 if raw else offset
    assert fetched == len(server.updates.confirmed) == 1001


def test_mutants_are_the_same_for_the_same_seed_and_leave_the_original_alone() -> None:
    content = unknown_enum(71)
    first, again = list(mutants([content], 200, seed=3)), list(mutants([content], 200, seed=3))
    assert first == again
    assert content == unknown_enum(71)
    assert sum(mutant != content for mutant in first) > 150
