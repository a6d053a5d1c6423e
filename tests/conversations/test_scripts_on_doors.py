"""Every conversation script, played through each door of the running program."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.bootstrap.services import Services
from bot.bootstrap.storage import open_secretbox
from bot.bootstrap.web_app import build_site
from conversations.models import Conversation
from conversations.service import Conversations
from core.database import Database
from customers.models import ChannelIdentity
from knowledge_base.service import KnowledgeBase
from staff import service as staff_service
from staff.values import Role
from tests.conversations.player import Player, add_colleague, client_language
from tests.conversations.script import EXPECTATIONS, Script, all_scripts, carried
from tests.support.app import listening, make_settings
from tests.support.clock import FakeClock
from tests.support.doors import Door
from tests.support.knowledge import SampleKnowledge, SteeredKnowledge
from tests.support.policies import POLICIES
from tests.support.served_doors import HttpDoor, PushDoor, RecordingSender, TerminalDoor, WebDoor, serving
from tests.support.web_visitor import visiting


def each_script(lacks: frozenset[str]) -> pytest.MarkDecorator:
    """The scripts of which a door that lacks these lines carries something to be seen."""
    scripts = [s for s in all_scripts() if any(line.verb in EXPECTATIONS for line in carried(s.lines, lacks))]
    return pytest.mark.parametrize("script", scripts, ids=[script.name for script in scripts])


@pytest.fixture(scope="module")
def sample() -> SampleKnowledge:
    return SampleKnowledge.build()


@pytest.fixture
def knowledge(sample: SampleKnowledge) -> SteeredKnowledge:
    return SteeredKnowledge(sample)


@pytest.fixture
def services(database: Database, clock: FakeClock, knowledge: SteeredKnowledge, tmp_path: Path) -> Services:
    """The program's services, with the sample shop's articles searched in memory."""
    settings = make_settings(database.url.render_as_string(hide_password=False), tmp_path)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        secretbox=open_secretbox(settings),
        knowledge=KnowledgeBase(database, clock, settings),
        conversations=Conversations(database, clock, knowledge, POLICIES),
        policies=POLICIES,
        worker_id="script",
    )


async def play(script: Script, services: Services, door: Door, knowledge: SteeredKnowledge) -> None:
    await add_colleague(services.database, services.clock)
    await Player(services.database, services.clock, door, knowledge).play(script)


@each_script(PushDoor.lacks)
async def test_a_push_channel(script: Script, services: Services, knowledge: SteeredKnowledge) -> None:
    sender = RecordingSender()
    async with serving(services, sender):
        await play(script, services, PushDoor(services, sender, client_language(script)), knowledge)


@each_script(TerminalDoor.lacks)
async def test_the_terminal(script: Script, services: Services, knowledge: SteeredKnowledge) -> None:
    async with serving(services, RecordingSender()):
        await play(script, services, TerminalDoor(services), knowledge)


@each_script(HttpDoor.lacks)
async def test_http(script: Script, services: Services, knowledge: SteeredKnowledge) -> None:
    async with services.database.write() as session:
        _, key = await staff_service.add_agent(session, "shop", Role.CHANNEL, by="test", now=services.clock.now())
    site = build_site(services)
    async with serving(services, RecordingSender()), site.running():
        transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test", headers=headers) as client:
            door = HttpDoor(services.database, client, "shop", client_language(script))
            await play(script, services, door, knowledge)


@each_script(WebDoor.lacks)
async def test_the_web_chat(script: Script, services: Services, knowledge: SteeredKnowledge) -> None:
    async with serving(services, RecordingSender()), web_door(script, services) as door:
        await play(script, services, door, knowledge)


@asynccontextmanager
async def web_door(script: Script, services: Services) -> AsyncIterator[WebDoor]:
    site = build_site(services)
    language = client_language(script)
    facts = {"language": language[:2]} if language else {}
    async with site.running(), listening(site) as url, visiting(url, **facts) as browser:
        async with services.database.read() as session:
            query = select(ChannelIdentity.external_id).join(
                Conversation, Conversation.identity_id == ChannelIdentity.id
            )
            visitor = (await session.scalars(query)).one()
        yield WebDoor(services, browser, visitor)
