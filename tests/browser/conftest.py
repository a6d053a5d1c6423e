"""A real Chromium, the chat's server, and visitors."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Route, ViewportSize, async_playwright, expect

from tests.browser.line import Line
from tests.browser.script import Script
from tests.browser.stand_in import StandIn
from tests.browser.visitor import Visitor

CHROMIUM = "/usr/bin/chromium"
PHONE: ViewportSize = {"width": 375, "height": 667}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
DEADLINE = 10_000  # milliseconds that the page has to show something

OpenVisitor = Callable[..., Awaitable[Visitor]]
OpenScripted = Callable[..., Awaitable[tuple[Visitor, Script]]]


@dataclass(frozen=True)
class Fault:
    """A few words of one of the page's files replaced, so that it breaks a promise."""

    file: str
    words: str
    broken: str


async def put_in(fault: Fault, route: Route) -> None:
    response = await route.fetch()
    text = await response.text()
    assert fault.words in text
    await route.fulfill(response=response, body=text.replace(fault.words, fault.broken))


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stand_in() -> AsyncIterator[tuple[StandIn, int]]:
    """The shop and its port; each visitor has a conversation of her own there."""
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


@pytest.fixture
def fault() -> Fault | None:
    """None: the page is served as it is."""
    return None


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(browser: Browser, fault: Fault | None) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Makes a browser of its own storage; errors on its pages fail the test."""
    problems: list[str] = []
    async with contextlib.AsyncExitStack() as stack:

        async def make(**options: Any) -> BrowserContext:
            settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": PHONE} | options
            context = await browser.new_context(**settings)
            stack.push_async_callback(context.close)
            if fault is not None:
                await context.route(f"**/static/{fault.file}", partial(put_in, fault))
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


@pytest.fixture
def open_scripted(new_context: Callable[..., Awaitable[BrowserContext]], chat_url: str) -> OpenScripted:
    """As `open_visitor`, but the test itself speaks the server's side of the socket; the page has said hello."""

    async def open_(address: str = "/", **options: Any) -> tuple[Visitor, Script]:
        context = await new_context(**options)
        visitor, script = Visitor(await context.new_page()), Script()
        await script.attach(visitor.page)
        await visitor.open(chat_url + address)
        await script.heard("hello")
        return visitor, script

    return open_
