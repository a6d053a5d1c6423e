"""The webhook as Telegram drives it: secret, repetition, order within a chat."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiohttp import web

from tests.telegram_server.server import TelegramServer
from tests.telegram_server.values import Json
from tests.telegram_server.webhook import SECRET_HEADER


@dataclass
class Receiver:
    """A bot's side of the webhook: `verdict` says the HTTP status for an update."""

    url: str = ""
    verdict: Callable[[Json], int] = lambda update: 200
    seen: list[tuple[int, str]] = field(default_factory=list)
    secrets: set[str | None] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        status = self.verdict(update)
        self.seen.append((update["update_id"], update["message"]["text"]))
        self.secrets.add(request.headers.get(SECRET_HEADER))
        return web.Response(status=status, headers={"Retry-After": "0"} if status == 503 else {})

    def taken(self) -> list[str]:
        return [text for _, text in self.seen]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret_and_confirmed_by_200(
    server: TelegramServer, bot: Bot, receiver: Receiver
) -> None:
    server.customer(71).says("before the webhook was set")
    await bot.set_webhook(receiver.url, secret_token="s3cret")
    server.customer(71).says("after")
    assert await server.updates.drained(5)
    assert receiver.taken() == ["before the webhook was set", "after"]
    assert receiver.secrets == {"s3cret"}


async def test_a_refused_update_is_posted_again_and_holds_up_its_chat_alone(
    server: TelegramServer, bot: Bot, receiver: Receiver
) -> None:
    refusals = iter([500, 503, 500])
    receiver.verdict = lambda update: next(refusals, 200) if update["message"]["text"] == "hard" else 200
    await bot.set_webhook(receiver.url)
    server.customer(71).says("hard")
    server.customer(71).says("waits for the hard one")
    server.customer(72).says("does not wait")
    assert await server.updates.drained(5)
    taken = receiver.taken()
    assert taken.count("hard") == 4
    assert taken.index("waits for the hard one") > max(n for n, text in enumerate(taken) if text == "hard")
    assert taken.index("does not wait") < 3


async def test_the_last_error_is_told(server: TelegramServer, bot: Bot, receiver: Receiver) -> None:
    receiver.verdict = lambda update: 500
    await bot.set_webhook(receiver.url, max_connections=7)
    server.customer(71).says("tea")
    await server.updates.changes.until(lambda: bool(server.world.webhook.attempts), 5)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.max_connections) == (receiver.url, 1, 7)
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"


async def test_a_bot_that_is_away_gets_everything_when_it_is_back(
    server: TelegramServer, bot: Bot, receiver: Receiver
) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook")
    server.customer(71).says("tea")
    await server.updates.changes.until(lambda: bool(server.world.webhook.attempts), 5)
    assert server.world.webhook.attempts[0].status is None
    await bot.set_webhook(receiver.url)
    assert await server.updates.drained(5)
    assert receiver.taken() == ["tea"]


async def test_pending_updates_can_be_dropped(server: TelegramServer, bot: Bot) -> None:
    server.customer(71).says("tea")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_addresses_and_secrets_that_telegram_refuses(bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="HTTPS URL must be provided"):
        await bot.set_webhook("http://shop.example/telegram")
    with pytest.raises(TelegramBadRequest, match="unallowed characters"):
        await bot.set_webhook("https://shop.example/telegram", secret_token="ключ")
