"""Scripts with three parties, played through each surface of the desk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.bootstrap.services import Services
from bot.bootstrap.storage import open_secretbox
from bot.bootstrap.web_app import build_site
from conversations.service import Conversations
from core.database import Database
from knowledge_base.service import KnowledgeBase
from staff import service as staff_service
from staff.values import Role
from tests.conversations.desk_player import DeskPlayer
from tests.conversations.script import Script, carried, read_script
from tests.support.app import make_settings
from tests.support.clock import FakeClock
from tests.support.desk_surfaces import ApiDesk, ServiceDesk
from tests.support.doors import DirectDoor
from tests.support.group_surface import GroupDesk
from tests.support.knowledge import SampleKnowledge, SteeredKnowledge
from tests.support.page_desk import PageDesk
from tests.support.policies import POLICIES
from tests.support.telegram_desk import telegram_floor

PEOPLE = {"li": ("小李", Role.AGENT), "chen": ("小陈", Role.AGENT), "sue": ("苏主管", Role.SUPERVISOR)}
SCRIPTS = [read_script(path) for path in sorted((Path(__file__).parent / "desk_scripts").glob("*.txt"))]
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])


@pytest.fixture(scope="module")
def sample() -> SampleKnowledge:
    return SampleKnowledge.build()


@pytest.fixture
def knowledge(sample: SampleKnowledge) -> SteeredKnowledge:
    return SteeredKnowledge(sample)


async def hire(database: Database, clock: FakeClock) -> Mapping[str, str]:
    """Everybody's key."""
    keys = {}
    async with database.write() as session:
        for name, (alias, role) in PEOPLE.items():
            _, keys[name] = await staff_service.add_agent(session, name, role, by="test", now=clock.now(), alias=alias)
    return keys


def door_of(database: Database, clock: FakeClock, knowledge: SteeredKnowledge) -> DirectDoor:
    return DirectDoor(database, clock, Conversations(database, clock, knowledge, POLICIES), "zh")


def without(script: Script, lacks: frozenset[str]) -> Script:
    """Leaves out the deeds that a surface lacks, with the rest of their paragraph."""
    lines = [
        replace(line, verb="desk lacks") if line.verb == "desk" and line.words.split()[1] in lacks else line
        for line in script.lines
    ]
    return Script(script.name, script.title, tuple(carried(lines, frozenset({"desk lacks"}))))


@each_script
async def test_straight_to_the_service(
    script: Script, database: Database, clock: FakeClock, knowledge: SteeredKnowledge
) -> None:
    await hire(database, clock)
    surface = ServiceDesk(database, clock)
    await DeskPlayer(database, clock, door_of(database, clock, knowledge), knowledge, surface).play(script)


@each_script
async def test_over_the_api(
    script: Script, database: Database, clock: FakeClock, knowledge: SteeredKnowledge, tmp_path: Path
) -> None:
    keys = await hire(database, clock)
    door = door_of(database, clock, knowledge)
    async with calling(database, clock, keys, door.conversations, tmp_path) as clients:
        surface = ApiDesk(database, clients)
        player = DeskPlayer(database, clock, door, knowledge, surface)
        await player.play(without(script, surface.lacks))


@each_script
async def test_on_the_pages(
    script: Script, database: Database, clock: FakeClock, knowledge: SteeredKnowledge, tmp_path: Path
) -> None:
    keys = await hire(database, clock)
    door = door_of(database, clock, knowledge)
    async with calling(database, clock, keys, door.conversations, tmp_path) as browsers:
        for name, browser in browsers.items():
            signed_in = await browser.post("/admin/sign-in", data={"key": keys[name]})
            assert signed_in.status_code == 303
        surface = PageDesk(database, clock, browsers)
        player = DeskPlayer(database, clock, door, knowledge, surface)
        await player.play(without(script, surface.lacks))


@each_script
async def test_in_the_agents_group(
    script: Script, database: Database, knowledge: SteeredKnowledge, tmp_path: Path
) -> None:
    async with telegram_floor(database, knowledge, tmp_path) as floor:
        surface = GroupDesk(floor)
        door = door_of(database, floor.clock, knowledge)
        player = DeskPlayer(database, floor.clock, door, knowledge, surface)
        await player.play(without(script, surface.lacks))


@asynccontextmanager
async def calling(
    database: Database, clock: FakeClock, keys: Mapping[str, str], conversations: Conversations, folder: Path
) -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:
    settings = make_settings(database.url.render_as_string(hide_password=False), folder)
    services = Services(
        settings=settings, clock=clock, database=database, secretbox=open_secretbox(settings),
        knowledge=KnowledgeBase(database, clock, settings), conversations=conversations, policies=POLICIES,
        worker_id="script",
    )  # fmt: skip
    site = build_site(services)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(site.running())
        transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
        yield {
            name: await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=transport, base_url="http://kefu.test", headers={"Authorization": f"Bearer {key}"}
                )
            )
            for name, key in keys.items()
        }
