"""An API with a key for each role."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from staff.values import Role
from tests.support.app import RunningApp, make_settings, running_app


@dataclass
class Callers:
    """A client for each role, for another system, and for nobody. `ann` and `ben` are both agents."""

    app: RunningApp
    channel: httpx.AsyncClient
    other_channel: httpx.AsyncClient
    ann: httpx.AsyncClient
    ben: httpx.AsyncClient
    supervisor: httpx.AsyncClient
    admin: httpx.AsyncClient
    nobody: httpx.AsyncClient


PEOPLE = {
    "channel": ("shop", Role.CHANNEL),
    "other_channel": ("partner", Role.CHANNEL),
    "ann": ("ann", Role.AGENT),
    "ben": ("ben", Role.AGENT),
    "supervisor": ("sue", Role.SUPERVISOR),
    "admin": ("root", Role.ADMIN),
}


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(make_settings(database_url, tmp_path)) as running:
        yield running


@asynccontextmanager
async def calling(app: RunningApp) -> AsyncIterator[Callers]:
    async with AsyncExitStack() as stack:
        clients = {}
        for caller, (name, role) in PEOPLE.items():
            alias = "小安" if name == "ann" else None
            clients[caller] = await stack.enter_async_context(app.client(await app.add_staff(name, role, alias=alias)))
        yield Callers(app=app, nobody=await stack.enter_async_context(app.client()), **clients)


@pytest.fixture
async def callers(app: RunningApp) -> AsyncIterator[Callers]:
    async with calling(app) as callers:
        yield callers
