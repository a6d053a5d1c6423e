"""A shop's site with the widget, the whole program behind it, and somebody at the desk."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext

from staff.values import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite, shop_site
from tests.browser.test_shop import ApiDesk
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles

LOOKS: list[dict[str, Any]] = [
    {"locale": "zh-CN", "viewport": PHONE, "color_scheme": "light", "has_touch": True, "is_mobile": True},
    {"locale": "zh-CN", "viewport": DESKTOP, "color_scheme": "dark"},
    {"locale": "en-GB", "viewport": PHONE, "color_scheme": "dark", "has_touch": True, "is_mobile": True},
    {"locale": "en-GB", "viewport": DESKTOP, "color_scheme": "light"},
]

Arrive = Callable[..., Awaitable[Guest]]


@pytest_asyncio.fixture(loop_scope="session", scope="package")
async def site() -> AsyncIterator[ShopSite]:
    async with shop_site() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session", scope="package")
async def app(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory, site: ShopSite
) -> AsyncIterator[RunningApp]:
    folder: Path = tmp_path_factory.mktemp("widget")
    with sqlite_files.fresh() as url:
        settings = make_settings(url, folder, widget_origins=f"{site.origin},{site.far_origin}")
        async with running_app(settings, listens=True) as running:
            site.chat = running.url.replace("127.0.0.1", "localhost")
            yield running


@pytest_asyncio.fixture(loop_scope="session", scope="package")
async def desk(app: RunningApp) -> AsyncIterator[ApiDesk]:
    async with app.client(await app.add_staff("anna", Role.AGENT, alias="小安")) as client:
        yield ApiDesk(client)


@pytest.fixture
def arrive(new_context: Callable[..., Awaitable[BrowserContext]], app: RunningApp, site: ShopSite) -> Arrive:
    """A new visitor of the site; keywords as for `new_context`."""

    async def arrive(language: str = "zh-CN", **options: Any) -> Guest:
        site.language = language
        context = await new_context(**options)
        guest = Guest(await context.new_page())
        await guest.arrive(site.origin)
        return guest

    site.attributes = ""
    return arrive
