"""A server of its own for each test, and a real aiogram bot that talks to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from tests.telegram_server.server import TOKEN, TelegramServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "integration/telegram_server" in str(item.path):
            item.add_marker("telegram")


class PromptSession(AiohttpSession):
    """Closes without the quarter of a second that aiogram leaves for TLS."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as running:
        running.world.webhook.retry_after = 0.02
        yield running


@asynccontextmanager
async def bot_of(server: TelegramServer) -> AsyncIterator[Bot]:
    session = PromptSession(api=TelegramAPIServer.from_base(server.url), timeout=5)
    async with Bot(TOKEN, session=session) as running:
        yield running


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as running:
        yield running
