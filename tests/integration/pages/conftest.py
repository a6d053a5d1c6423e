"""A shop with two articles, and its pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.app import RunningApp, make_settings, running_app


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(make_settings(database_url, tmp_path)) as running:
        yield running
