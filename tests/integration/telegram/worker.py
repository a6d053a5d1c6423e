"""A bot in a process of its own, to be killed or asked to stop; and stock aiogram's own loop, as it is documented."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

from conversations.batches import Handler
from conversations.inbox import InboxPace
from conversations.outbox import OutboxPace
from core.clock import SystemClock
from core.database import Database
from core.listeners import listen
from core.logs import configure_logs
from core.settings import LogFormat, TelegramMode
from tests.support.echo_engine import EchoEngine
from tests.support.forks import forks
from tests.support.telegram_bot import BotPlan, running_bot
from tests.support.whole_engine import open_engine
from tests.telegram_server.server import TOKEN

#: Short leases, so that the next worker need not wait long for what the killed one held.
_QUICK_INBOX = InboxPace(tick=0.1, lease=1.0)
_QUICK_OUTBOX = OutboxPace(tick=0.1, call=1.5, lease=2.0, account_lease=0.6)


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """`quick`: with short leases, and none for polling. Not quick: as the product has them.

    `whole`: with the product's engine on the shop that `prepare_shop` has put into `folder`; else the echo engine.
    """

    database_url: str
    server_url: str
    folder: Path
    mode: TelegramMode = TelegramMode.POLLING
    quick: bool = True
    whole: bool = True


async def work(plan: WorkerPlan) -> None:
    """Runs until SIGTERM, then finishes what it has begun."""
    configure_logs(LogFormat.JSON, logging.CRITICAL)  # a traceback takes a second to draw
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    database, clock = Database(plan.database_url), SystemClock()
    quick = BotPlan(plan.mode, inbox=_QUICK_INBOX, outbox=_QUICK_OUTBOX, poller_id="the next one")
    pace = quick if plan.quick else BotPlan(plan.mode)
    engine: Handler = EchoEngine(database, clock)
    if plan.whole:
        engine = (await open_engine(database, plan.folder)).conversations.handle
    listening = asyncio.create_task(listen(database))
    async with running_bot(plan.server_url, database, engine, plan.folder, pace):
        await ended.wait()
    listening.cancel()
    await database.close()


async def work_like_stock_aiogram(plan: WorkerPlan) -> None:
    """The loop of aiogram's own documentation, with a handler that takes a moment."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(plan.server_url))
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await asyncio.sleep(0.03)
        await message.answer(message.text or "")

    await dispatcher.start_polling(Bot(TOKEN, session=session), handle_signals=False)


def _main(plan: WorkerPlan, stock: bool) -> None:
    asyncio.run(work_like_stock_aiogram(plan) if stock else work(plan))


@contextmanager
def running_worker(
    plan: WorkerPlan, end: Callable[[BaseProcess], None] = BaseProcess.kill, stock: bool = False
) -> Iterator[BaseProcess]:
    """A worker in a process of its own; `end` is done to it at the end of the block. One that is stopped ends well."""
    process = forks.Process(target=_main, args=(plan, stock))
    process.start()
    try:
        yield process
    finally:
        end(process)
        process.join(30)
        assert process.exitcode is not None, "the worker does not stop"
        assert process.exitcode == 0 or end is not BaseProcess.terminate, f"it ended with {process.exitcode}"
        process.close()
