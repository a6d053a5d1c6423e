"""What is served over HTTP, put together: the API, the channel for other systems, the chat page, health."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter, FastAPI

from admin.api import files
from admin.api.app import api_routes, build_api
from admin.api.context import make_context
from admin.api.file_links import FileLinks, Files
from admin.pages.site import add_pages, page_routes
from bot.bootstrap.services import Services
from bot.health import routes as health
from bot.health.metrics import Measured, Metrics
from bot.http import routes as http
from bot.http.posting import HttpDoor
from bot.http.waiting import AnswerWaiter
from bot.web import help as help_pages
from bot.web import routes as web
from bot.web.door import WebDoor, make_door
from bot.web.page import STATIC
from bot.web.page_files import PageFiles
from core.files import FolderStore


@dataclass(frozen=True, slots=True)
class Site:
    """The application and what runs beside it."""

    app: FastAPI
    web: WebDoor
    http: HttpDoor

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serves sockets and waiting requests during the block."""
        loops = (self.web.feed, self.http.waiter)
        tasks = [asyncio.create_task(loop.run(), name=type(loop).__name__) for loop in loops]
        try:
            yield
        finally:
            self.close()
            for loop in loops:
                loop.stop()
            await asyncio.gather(*tasks)

    def close(self) -> None:
        """Ends the sockets and the long polls, which would hold up a stop. Messages that wait for an answer go on."""
        self.http.is_closing = True
        self.web.feed.stop()


def build_site(services: Services) -> Site:
    clock, database, settings = services.clock, services.database, services.settings
    files_door = Files(
        FileLinks(services.secretbox, clock, settings.public_url), FolderStore(settings.data_dir / "files")
    )
    codes = services.policies.codes
    limit = settings.messages_per_minute
    http_door = HttpDoor(database, clock, AnswerWaiter(database, clock), limit, files_door.links, codes)
    web_door = make_door(settings, clock, database, services.secretbox, files_door, services.policies)
    app = build_api(
        make_context(settings, clock, database, services.knowledge, services.policies), _routes().routes
    )
    app.state.files = files_door
    metrics = Metrics(lambda: web_door.feed.sockets, lambda: sum(web_door.feed.waiting))
    app.state.http_door, app.state.web_door, app.state.metrics = http_door, web_door, metrics
    app.add_middleware(Measured, metrics=metrics)
    add_pages(app, services.secretbox)
    app.mount("/static", PageFiles(directory=str(STATIC)), name="static")
    return Site(app, web_door, http_door)


@cache
def _routes() -> APIRouter:
    """One table for every application of the process: whoever first looks for a route in it pays its preparation, which
    takes most of a second."""
    table = api_routes((http.router, files.router))
    for router in (health.router, web.router, help_pages.router, page_routes()):
        table.include_router(router)
    return table


def build_app(services: Services) -> FastAPI:
    """The application alone, for those who need no sockets and no waiting requests."""
    return build_site(services).app
