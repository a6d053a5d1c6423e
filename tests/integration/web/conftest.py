"""The program on a port, with an agent at the desk."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from staff.values import Role
from tests.support.app import RunningApp, make_settings, running_app


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(make_settings(database_url, tmp_path), listens=True) as running:
        yield running


@pytest.fixture
async def agent(app: RunningApp) -> AsyncIterator[httpx.AsyncClient]:
    """Anna, whom customers know as 小安."""
    async with app.client(await app.add_staff("anna", Role.AGENT, alias="小安")) as client:
        yield client
