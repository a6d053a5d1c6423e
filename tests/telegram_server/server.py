"""The test server itself: started and stopped by a test, with people who write to the bot.

async with TelegramServer() as server:              # KEFU_TELEGRAM_API_URL = server.url, token = TOKEN
    anna = server.customer(71)
    anna.says("Where is my tea?")
    await server.log.until_texts(71, 1)
    anna.presses("Yes")
    server.fail("reset", chat_id=71, times=1, carried_out=True)
    server.world.limits.enforce()
    server.log.assert_obeyed()
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from core.clock import Clock
from tests.telegram_server import people
from tests.telegram_server.app import build_app
from tests.telegram_server.clock import ForwardClock
from tests.telegram_server.control import add_control
from tests.telegram_server.faults import Fault, FaultKind
from tests.telegram_server.log import DeliveryLog
from tests.telegram_server.people import Person
from tests.telegram_server.updates import UpdateQueue
from tests.telegram_server.values import Json
from tests.telegram_server.world import World

TOKEN = "42:AAtest"


class TelegramServer:
    """`clock` tells dates and the 24 h and 150 s; `monotonic` the log's times and flood control.

    As a context manager it serves on `url`, which is what KEFU_TELEGRAM_API_URL takes; port 0 picks a free one.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        token: str = TOKEN,
        port: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock or ForwardClock()
        self.world = World(token, self.clock, monotonic)
        self.port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> DeliveryLog:
        return self.world.log

    @property
    def updates(self) -> UpdateQueue:
        return self.world.updates

    async def appear(self) -> None:
        """Serve; after `disappear`, on the same port."""
        app = build_app(self.world)
        add_control(app, self.world)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def disappear(self) -> None:
        """Refuse connections and drop those that are open; chats and waiting updates stay."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.appear()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.world.webhook.stop()
        await self.disappear()

    def customer(self, user_id: int, first_name: str = "Anna", language_code: str = "en", **facts: Any) -> Person:
        """Somebody with a private chat with the bot, which is opened without an update."""
        return people.customer(self.world, user_id, first_name, language_code, **facts)

    def group(self, chat_id: int, title: str = "Desk", *, is_forum: bool = False, bot: str = "administrator") -> None:
        """A group with the bot in it; -100... is a supergroup. As an administrator the bot has every right."""
        self.world.open_group(chat_id, title, is_forum, bot)

    def member(
        self, chat_id: int, user_id: int, first_name: str = "Li", status: str = "member", *, anonymous: bool = False
    ) -> Person:
        return people.member(self.world, chat_id, user_id, first_name, status, anonymous)

    def upgrade(self, chat_id: int, new_id: int, by: Person) -> None:
        people.upgrade(self.world, self.world.chats[chat_id], new_id, by.user)

    def inject(self, content: Json) -> int:
        """Any update, under the next number, whatever kinds the bot asked for."""
        return self.updates.add_any(content)

    def fail(self, kind: FaultKind | str, **rule: Any) -> Fault:
        """Let calls fail; `rule` as in `Fault`: method, chat_id, times, share, carried_out, retry_after, migrate_to."""
        return self.world.faults.add(Fault(FaultKind(kind), **rule))

    def screen(self, chat_id: int) -> list[Json]:
        """The messages of a chat as they stand now, edits and deletions done."""
        messages = self.world.chats[chat_id].messages
        return [messages[number] for number in sorted(messages)]
