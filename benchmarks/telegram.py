"""From a webhook post to the sendMessage that answers it, beside a bare aiogram echo bot in the same run.

Each bot is a process of its own on one core; what plays Telegram has another. "flood": as fast as the bot takes posts,
each chat's one after the other; "steady": so many a second. Kefu stores, commits and answers through its outbox; the
echo bot keeps nothing. Telegram's own pace (30 a second) is switched off for all.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from aiohttp import ClientSession, web

from core.clock import SystemClock
from core.database import Database
from core.logs import configure_logs
from core.settings import LogFormat, Settings, TelegramMode
from migrations.runner import migrate

TOKEN = "42:AAtest"
QUESTIONS = ("龙井怎么泡", "do you ship to Canada?", "运费多少", "how long does delivery take", "能开发票吗")
_CHATS = 100
_FLOOD = 1500
_STEADY_RATE, _STEADY = 30, 300
_PATIENCE = 180
_ME = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "kefu_bench_bot"}


@dataclass(slots=True)
class Telegram:
    """As little of Telegram as a bot needs: it learns the webhook, and notes when each chat is first answered again."""

    url: str = ""
    webhook: str = ""
    secret: str = ""
    registered: asyncio.Event = field(default_factory=asyncio.Event)
    answered: Mapping[int, asyncio.Queue[float]] = field(default_factory=lambda: defaultdict(asyncio.Queue))
    numbers: int = 0

    async def call(self, request: web.Request) -> web.Response:
        method, params = request.match_info["method"].lower(), await request.post()
        if method == "setwebhook":
            self.webhook, self.secret = str(params["url"]), str(params.get("secret_token", ""))
            self.registered.set()
        if method != "sendmessage":
            return web.json_response({"ok": True, "result": _ME if method == "getme" else True})
        self.numbers += 1
        chat = int(str(params["chat_id"]))
        self.answered[chat].put_nowait(time.perf_counter())
        place = {"id": chat, "type": "private"}
        message = {"message_id": self.numbers, "date": int(time.time()), "chat": place, "text": params["text"]}
        return web.json_response({"ok": True, "result": message})

    def update(self, chat: int, text: str) -> dict[str, Any]:
        self.numbers += 1
        who = {"id": chat, "is_bot": False, "first_name": "Anna", "language_code": "en"}
        place = {"id": chat, "type": "private", "first_name": "Anna"}
        message = {"message_id": self.numbers, "date": int(time.time()), "from": who, "chat": place, "text": text}
        return {"update_id": self.numbers, "message": message}

    async def ask(self, session: ClientSession, chat: int, text: str) -> float:
        """Posts a message, and returns how long its answer took."""
        while not self.answered[chat].empty():
            self.answered[chat].get_nowait()
        began = time.perf_counter()
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        async with session.post(self.webhook, json=self.update(chat, text), headers=headers) as answer:
            answer.raise_for_status()
        return await self.answered[chat].get() - began


@asynccontextmanager
async def serving_telegram() -> AsyncIterator[Telegram]:
    telegram = Telegram()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", telegram.call)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    telegram.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield telegram
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True)
class Figures:
    """`waits`: seconds from post to answer, sorted. `memory`: the bot's own, in bytes."""

    per_second: float
    waits: list[float]
    memory: int

    def at(self, share: float) -> float:
        return self.waits[int((len(self.waits) - 1) * share)] * 1000

    def row(self, name: str, bare: "Figures") -> str:
        ratio = f"{self.per_second / bare.per_second:4.2f} x rate, {self.at(0.99) / bare.at(0.99):4.1f} x p99"
        row = f"  {name:<26} {self.per_second:6.0f}/s  p50 {self.at(0.5):7.1f} ms  p99 {self.at(0.99):7.1f} ms"
        return f"{row}  {self.memory / 1e6:4.0f} MB  {ratio}"


async def flood(telegram: Telegram, memory: Callable[[], int]) -> Figures:
    """Every chat asks again as soon as it was answered."""
    waits: list[float] = []

    async def chat_of(session: ClientSession, chat: int) -> None:
        for number in range(_FLOOD // _CHATS):
            waits.append(await telegram.ask(session, chat, QUESTIONS[(chat + number) % len(QUESTIONS)]))

    began = time.perf_counter()
    async with ClientSession() as session, asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as chats:
        for chat in range(1, _CHATS + 1):
            chats.create_task(chat_of(session, chat))
    return Figures(len(waits) / (time.perf_counter() - began), sorted(waits), memory())


async def steady(telegram: Telegram, memory: Callable[[], int]) -> Figures:
    """Somebody asks each thirtieth of a second."""
    began = time.perf_counter()
    async with ClientSession() as session, asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as tasks:
        asked = []
        for number in range(_STEADY):
            await asyncio.sleep(max(0.0, began + number / _STEADY_RATE - time.perf_counter()))
            chat, text = 1 + number % _CHATS, QUESTIONS[number % len(QUESTIONS)]
            asked.append(tasks.create_task(telegram.ask(session, chat, text)))
    waits = sorted(task.result() for task in asked)
    return Figures(len(waits) / (time.perf_counter() - began), waits, memory())


async def measure(bot: str, core: int) -> tuple[Figures, Figures]:
    """Flood and steady, of one bot in a process of its own."""
    async with serving_telegram() as telegram:
        with tempfile.TemporaryDirectory() as folder:
            command = ("-m", "benchmarks.telegram", bot, telegram.url, folder, str(core))
            process = await asyncio.create_subprocess_exec(sys.executable, *command)
            try:
                return await _ask_all(telegram, psutil.Process(process.pid))
            finally:
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), 30)


async def _ask_all(telegram: Telegram, bot: psutil.Process) -> tuple[Figures, Figures]:
    await asyncio.wait_for(telegram.registered.wait(), _PATIENCE)
    async with ClientSession() as session:
        for chat in range(1, _CHATS + 1):  # everybody is greeted before the clock starts
            await telegram.ask(session, chat, "hello")
    return (
        await flood(telegram, lambda: bot.memory_info().rss),
        await steady(telegram, lambda: bot.memory_info().rss),
    )


# The bots.


async def serve_echo(url: str, _folder: Path, ended: asyncio.Event) -> None:
    """A bare aiogram echo bot, as its documentation has it."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application

    from tests.support.telegram_bot import free_port

    dispatcher, port = Dispatcher(), free_port()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token="secret").register(app, path="/hook")
    setup_application(app, dispatcher, bot=bot)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="secret")
    await ended.wait()
    await runner.cleanup()
    await bot.session.close()


async def serve_door(url: str, folder: Path, ended: asyncio.Event) -> None:
    """Kefu's door, inbox and outbox around an engine that echoes."""
    from tests.support.echo_engine import EchoEngine, prepare_echo
    from tests.support.telegram_bot import BotPlan, running_bot

    async with AsyncExitStack() as stack:
        database = Database(await _migrated(folder))
        stack.push_async_callback(database.close)
        await prepare_echo(database)
        engine = EchoEngine(database, SystemClock())
        await stack.enter_async_context(running_bot(url, database, engine, folder, BotPlan(TelegramMode.WEBHOOK)))
        await _until(ended)


async def serve_shop(url: str, folder: Path, ended: asyncio.Event) -> None:
    """All of Kefu, answering as the sample shop."""
    from bot.bootstrap.first_start import load_sample_once
    from bot.bootstrap.services import build_services
    from tests.support.telegram_bot import SECRET, BotPlan, running_bot

    values = {"data_dir": folder, "secret": SECRET, "messages_per_minute": 100_000}
    async with AsyncExitStack() as stack:
        settings = Settings.model_validate({**values, "database_url": await _migrated(folder)})
        database, clock = Database(settings.database_url), SystemClock()
        stack.push_async_callback(database.close)
        await load_sample_once(database, clock, settings)
        services = await build_services(settings, clock, database)
        stack.push_async_callback(services.knowledge.close)
        engine, plan = services.conversations.handle, BotPlan(TelegramMode.WEBHOOK)
        await stack.enter_async_context(running_bot(url, database, engine, folder, plan))
        await _until(ended)


async def _migrated(folder: Path) -> str:
    url = f"sqlite+aiosqlite:///{folder / 'kefu.db'}"
    await migrate(url)
    return url


async def _until(ended: asyncio.Event) -> None:
    gc.collect()
    gc.freeze()
    await ended.wait()


SERVERS: Mapping[str, Callable[[str, Path, asyncio.Event], Awaitable[None]]] = {
    "aiogram": serve_echo,
    "door": serve_door,
    "shop": serve_shop,
}


async def _serve(bot: str, url: str, folder: str) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await SERVERS[bot](url, Path(folder), ended)


def main() -> None:
    cores = os.sched_getaffinity(0)
    core = min(cores)
    os.sched_setaffinity(0, {max(cores)})
    bare = asyncio.run(measure("aiogram", core))
    for number, load in enumerate((f"flood, {_CHATS} chats", f"steady, {_STEADY_RATE}/s")):
        print(bare[number].row(f"bare aiogram, {load}", bare[number]), flush=True)
    for bot, name in (("door", "Kefu, echo"), ("shop", "Kefu, sample shop")):
        found = asyncio.run(measure(bot, core))
        for number, load in enumerate(("flood", "steady")):
            print(found[number].row(f"{name}, {load}", bare[number]), flush=True)
    os.sched_setaffinity(0, cores)


if __name__ == "__main__":
    configure_logs(LogFormat.CONSOLE, level=logging.ERROR)
    if len(sys.argv) == 5:
        os.sched_setaffinity(0, {int(sys.argv[4])})
        asyncio.run(_serve(*sys.argv[1:4]))
    else:
        main()
