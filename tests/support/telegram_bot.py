"""A whole bot against the test server, in the test's own process: door, inbox, outbox, and a webhook on a port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.telegram.decoder import decode
from bot.telegram.door import Desk, Surroundings, TelegramDoor, open_door
from bot.telegram.limits import Rates
from conversations.admission import Admission
from conversations.batches import Handler
from conversations.inbox import InboxLoop, InboxPace
from conversations.leases import new_worker_id
from conversations.outbox import OutboxLoop, OutboxPace
from core.clock import Clock, SystemClock
from core.database import Database
from core.files import FolderStore
from core.secretbox import SecretBox
from core.settings import Settings, TelegramMode
from tests.integration.loops.books import nothing_waits, until
from tests.support.clock import MONDAY_MORNING, FakeClock
from tests.telegram_server.server import TOKEN, TelegramServer

SECRET = "a secret for tests, of forty characters."
ACCOUNT = "telegram:kefu_test_bot"
#: For tests of other things than pace.
AT_ONCE = Rates(per_second=10_000, burst=100, chat_gap=timedelta(), per_group=10_000)
QUICK = OutboxPace(tick=0.2)


def telegram_settings(database: Database, server_url: str, **given: Any) -> Settings:
    values = {"secret": SECRET, "telegram_token": TOKEN, "telegram_api_url": server_url, "sample_data": False}
    url = database.url.render_as_string(hide_password=False)
    return Settings.model_validate({"database_url": url, "embedder": "none", **values, **given})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass(frozen=True, slots=True)
class BotPlan:
    """What a test's bot is made of. `loops`: which of the door's own run; `handler_of` wraps the door's handler.

    `desk`: without one no group is a desk.

    Bots with the same `poller_id` need not wait for the lease of one that was killed.
    """

    mode: TelegramMode = TelegramMode.POLLING
    rates: Rates = AT_ONCE
    loops: Collection[str] = ("poller", "webhook")
    inbox: InboxPace = field(default_factory=lambda: InboxPace(tick=0.2))
    outbox: OutboxPace = QUICK
    lanes_at_once: int = 8
    clock: Clock = field(default_factory=SystemClock)
    handler_of: Callable[[Handler], Handler] = lambda handler: handler
    settings: tuple[tuple[str, Any], ...] = ()
    poller_id: str = ""
    desk: Desk | None = None
    admission: Admission | None = None


@dataclass(slots=True)
class RunningBot:
    database: Database
    door: TelegramDoor
    handler: Handler
    files: FolderStore

    async def idle(self, within: float = 20.0) -> None:
        """Returns once every event and every delivery is finished. Raises TimeoutError."""
        await until(lambda: nothing_waits(self.database), within)


@asynccontextmanager
async def running_bot(
    server: TelegramServer | str, database: Database, engine: Handler, folder: Path, plan: BotPlan | None = None
) -> AsyncIterator[RunningBot]:
    """Everything that `kefu run` runs for Telegram, around any `engine`."""
    plan = plan or BotPlan()
    url = server if isinstance(server, str) else server.url
    port = free_port() if plan.mode is TelegramMode.WEBHOOK else 0
    public_url = f"http://127.0.0.1:{port}" if port else None
    given = {"telegram_mode": plan.mode.value, "public_url": public_url, "data_dir": folder, **dict(plan.settings)}
    around = Surroundings(
        settings=telegram_settings(database, url, **given),
        clock=plan.clock,
        database=database,
        box=SecretBox(SECRET),
        files=FolderStore(folder / "files"),
        engine=engine,
        worker_id=plan.poller_id or new_worker_id(),
        serves_http=True,
        rates=plan.rates,
        desk=plan.desk,
    )
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(open_door(around))
        if door.webhook is not None:
            await stack.enter_async_context(serving_webhook(door, port))
        bot = RunningBot(database, door, plan.handler_of(door.handler), FolderStore(folder / "files"))
        await stack.enter_async_context(_loops(bot, around, plan))
        yield bot


@asynccontextmanager
async def _loops(bot: RunningBot, around: Surroundings, plan: BotPlan) -> AsyncIterator[None]:
    door, database, clock = bot.door, around.database, around.clock
    worker_id = new_worker_id()
    inbox = InboxLoop(database, clock, {"telegram": decode}, bot.handler, worker_id, plan.lanes_at_once, plan.inbox)
    senders = {door.account: door.sender}
    outbox = OutboxLoop(database, clock, senders, worker_id, pace=plan.outbox, admission=plan.admission)
    async with asyncio.TaskGroup() as tasks:
        background = [tasks.create_task(run()) for name, run in door.loops.items() if name in plan.loops]
        tasks.create_task(inbox.run())
        tasks.create_task(outbox.run())
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            inbox.stop()
            outbox.stop()


@asynccontextmanager
async def serving_webhook(door: TelegramDoor, port: int) -> AsyncIterator[None]:
    assert door.webhook is not None
    app = Starlette(routes=[door.webhook.route()])
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class RunningClock(FakeClock):
    """Real time that can be set forward: `advance(hours=2)`."""

    def __init__(self) -> None:
        super().__init__(MONDAY_MORNING)
        self._began = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=asyncio.get_running_loop().time() - self._began)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
