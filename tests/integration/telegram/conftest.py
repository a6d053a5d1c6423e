"""Tests of the Telegram door: a real aiogram, a real database, the test server."""

from collections.abc import AsyncIterator

import pytest

from tests.telegram_server.server import TelegramServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "integration/telegram/" in str(item.path):
            item.add_marker("telegram")


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as running:
        running.world.webhook.retry_after = 0.02
        yield running
