"""The whole program in the test's own process: services, loops, HTTP; over ASGI, or on a port for real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot.bootstrap.loops import running_loops
from bot.bootstrap.services import Services, build_services
from bot.bootstrap.web_app import Site, build_site
from conversations import inbox, repository
from conversations.channels import TEST
from conversations.values import Said, Visitor
from core.clock import Clock, SystemClock
from core.database import Database
from core.settings import Settings
from staff import service as staff_service
from staff.values import Role
from tests.support.articles import keep_index, lend_index, write_articles

SECRET = "a secret for tests, of forty characters."


def make_settings(database_url: str, folder: Path, **given: Any) -> Settings:
    values = {"database_url": database_url, "data_dir": folder, "secret": SECRET, "sample_data": False}
    return Settings.model_validate({**values, "embedder": "none", **given})


@dataclass
class RunningApp:
    """`url` is empty unless it listens. `keys` are of people made by `add_staff`."""

    services: Services
    site: Site
    url: str = ""

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def clock(self) -> Clock:
        return self.services.clock

    async def add_staff(self, name: str, role: Role, **more: Any) -> str:
        """A person or system; their key."""
        async with self.database.write() as session:
            _, key = await staff_service.add_agent(session, name, role, by="test", now=self.clock.now(), **more)
        return key

    def client(self, key: str | None = None, **more: Any) -> httpx.AsyncClient:
        """Talks to the application without a network, as whoever has `key`."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx.ASGITransport(self.site.app, raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport, base_url="http://kefu.test", headers=headers, timeout=40, trust_env=False, **more
        )

    async def push_message(self, text: str, person: str = "ann", account: str = "test:bot") -> None:
        """One customer's message on a push channel, as if it had just arrived."""
        now = self.clock.now()
        said = Said(visitor=Visitor(external_id=person), at=now, message_id=f"{person}:{text}:{now}", text=text)
        async with self.database.write() as session:
            await repository.ensure_account(session, account, TEST, now)
            await inbox.receive(
                session,
                account=account,
                external_id=said.message_id,
                lane=person,
                raw=said.model_dump(mode="json"),
                now=now,
            )


@asynccontextmanager
async def running_app(
    settings: Settings, clock: Clock | None = None, *, with_loops: bool = True, listens: bool = False
) -> AsyncIterator[RunningApp]:
    """The program as `kefu run` builds it. Without loops nobody answers."""
    clock = clock or SystemClock()
    database = Database(settings.database_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await write_articles(database, clock)
        lend_index(settings.data_dir)
        services = await build_services(settings, clock, database)
        await keep_index(settings.data_dir, services.knowledge)
        stack.push_async_callback(services.knowledge.close)
        if with_loops:
            await stack.enter_async_context(running_loops(services))
        site = build_site(services)
        await stack.enter_async_context(site.running())
        url = await stack.enter_async_context(listening(site)) if listens else ""
        yield RunningApp(services, site, url)


@asynccontextmanager
async def listening(site: Site) -> AsyncIterator[str]:
    """Serves the site on a free port during the block; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        site.app,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=1_000_000,
        h11_max_incomplete_event_size=256 * 1024,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        site.close()
        server.should_exit = True
        await serving
