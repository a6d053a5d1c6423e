"""A real Chromium, the chat's server, and visitors."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.browser.line import Line
from tests.browser.stand_in import StandIn
from tests.browser.visitor import Visitor

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 375, "height": 667}
DESKTOP = {"width": 1280, "height": 800}
DEADLINE = 10_000  # milliseconds that the page has to show something

OpenVisitor = Callable[..., Awaitable[Visitor]]


class Desk(Protocol):
    """An agent, named `agent`, who answers a visitor."""

    agent: str

    async def take(self, id_: str, /) -> None: ...

    async def reply(self, id_: str, text: str, /) -> None: ...

    async def hand_back(self, id_: str, /) -> None: ...


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=DEADLINE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stand_in() -> AsyncIterator[tuple[StandIn, int]]:
    """The shop and its port."""
    shop = StandIn()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(shop.app, log_level="warning", ws="websockets-sansio", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield shop, listener.getsockname()[1]
    server.should_exit = server.force_exit = True
    await serving


@pytest_asyncio.fixture(loop_scope="session")
async def line(stand_in: tuple[StandIn, int]) -> AsyncIterator[Line]:
    line = Line(stand_in[1])
    await line.mend()
    yield line
    line.cut()


@pytest.fixture
def chat_url(line: Line) -> str:
    """Where the chat page is served."""
    return line.url


@pytest.fixture
def desk(stand_in: tuple[StandIn, int]) -> Desk:
    return stand_in[0]


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Makes a browser of its own storage; errors on its pages fail the test."""
    problems: list[str] = []
    async with contextlib.AsyncExitStack() as stack:

        async def make(**options: Any) -> BrowserContext:
            settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": PHONE} | options
            context = await browser.new_context(**settings)
            stack.push_async_callback(context.close)
            context.on("weberror", lambda error: problems.append(str(error.error)))
            return context

        yield make
    assert problems == []


@pytest.fixture
def open_visitor(new_context: Callable[..., Awaitable[BrowserContext]], chat_url: str) -> OpenVisitor:
    """Opens the chat page in a new browser; keywords as for `new_context`, `address` is what follows the host."""

    async def open_(address: str = "/", **options: Any) -> Visitor:
        context = await new_context(**options)
        visitor = Visitor(await context.new_page())
        await visitor.open(chat_url + address)
        return visitor

    return open_
