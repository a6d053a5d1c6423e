"""Customers take their own data and themselves away, on every channel, without staff."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.bootstrap.services import Services
from bot.bootstrap.storage import open_secretbox
from bot.bootstrap.web_app import build_site
from conversations.file_models import StoredFile
from conversations.models import Conversation, Delivery, Message
from conversations.notice_models import LastWord
from conversations.service import Conversations
from core.database import Database
from core.files import FolderStore
from customers import erased, tasks
from customers.models import ChannelIdentity, Customer
from customers.privacy import Erasing, catch_up
from customers.tasks import TaskFilter
from customers.values import TaskState
from knowledge_base.service import KnowledgeBase
from scheduler.keeping import KeepingTimes, let_go
from scheduler.privacy_requests import PrivacyDesk, privacy_requests
from staff import audit
from staff import service as staff_service
from staff.values import Role
from tests.integration.customers.people import known, order
from tests.support.app import listening, make_settings
from tests.support.clock import FakeClock
from tests.support.doors import Words
from tests.support.dying import erase_and_die
from tests.support.erase_and_die import CHAT
from tests.support.knowledge import SampleKnowledge, SteeredKnowledge
from tests.support.policies import POLICIES
from tests.support.served_doors import HttpDoor, PushDoor, RecordingSender, TerminalDoor, WebDoor, serving
from tests.support.web_visitor import visiting

PHONE = "+8613800138000"
PRODUCT = "MARK-LONGJING"


@dataclass
class Play:
    """One customer at one door, and what staff's side does by itself."""

    services: Services
    door: Any
    desk: PrivacyDesk
    clock: FakeClock
    read_file: Callable[["Play"], Awaitable[bytes]]
    sent: int = 0
    texts: list[str] = field(default_factory=list)

    async def says(self, *texts: str) -> str:
        """What the bot answers to the last of them."""
        for text in texts:
            self.sent += 1
            self.clock.advance(6)
            await self.door.say([Words(f"m{self.sent}", text)])
            await self.listen()
        return self.texts[-1]

    async def listen(self) -> None:
        self.texts += [heard.text for heard in await self.door.hear()]

    async def time_passes(self, seconds: float = 10) -> int:
        """The job comes by."""
        self.clock.advance(seconds)
        done = await self.desk.work(self.clock.now())
        await self.listen()
        return done


@pytest.fixture(scope="module")
def sample() -> SampleKnowledge:
    return SampleKnowledge.build()


@pytest.fixture
def services(database: Database, clock: FakeClock, sample: SampleKnowledge, tmp_path: Path) -> Services:
    settings = make_settings(database.url.render_as_string(hide_password=False), tmp_path)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        secretbox=open_secretbox(settings),
        knowledge=KnowledgeBase(database, clock, settings),
        conversations=Conversations(database, clock, SteeredKnowledge(sample), POLICIES),
        policies=POLICIES,
        worker_id="privacy",
    )


@asynccontextmanager
async def at(door: str, services: Services, clock: FakeClock) -> AsyncIterator[Play]:
    sender = RecordingSender()
    folder = services.settings.data_dir
    files = FolderStore(folder / "files")
    desk = PrivacyDesk(services.database, folder, files, services.secretbox, "desk")
    async with serving(services, sender), _DOORS[door](services, sender) as (opened, read_file):
        yield Play(services, opened, desk, clock, read_file)


Opened = AsyncIterator[tuple[Any, Callable[[Play], Awaitable[bytes]]]]


@asynccontextmanager
async def _push(services: Services, sender: RecordingSender) -> Opened:
    async def read(play: Play) -> bytes:
        """What the channel uploads."""
        (file_id,) = [one["file_id"] for job in sender.jobs for one in job.payload["attachments"]]
        path = play.desk.files.find(file_id)
        assert path is not None
        return path.read_bytes()

    yield PushDoor(services, sender, "en"), read


@asynccontextmanager
async def _terminal(services: Services, _sender: RecordingSender) -> Opened:
    door = TerminalDoor(services)

    async def read(play: Play) -> bytes:
        return Path(play.texts[-1].rpartition("[document: ")[2].rstrip("]\n")).read_bytes()

    yield door, read


@asynccontextmanager
async def _http(services: Services, _sender: RecordingSender) -> Opened:
    async with services.database.write() as session:
        _, key = await staff_service.add_agent(session, "shop", Role.CHANNEL, by="test", now=services.clock.now())
    site = build_site(services)
    transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {key}"}
    async with site.running(), httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        client.headers.update(headers)

        async def read(_play: Play) -> bytes:
            items = (await client.get("/api/v1/outgoing")).json()["items"]
            (url,) = [one["url"] for item in items for one in item["message"]["attachments"]]
            async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as anybody:
                return (await anybody.get(url)).content

        yield HttpDoor(services.database, client, "shop", "en"), read


@asynccontextmanager
async def _web(services: Services, _sender: RecordingSender) -> Opened:
    site = build_site(services)
    async with site.running(), listening(site) as url, visiting(url, language="en") as browser:
        async with services.database.read() as session:
            visitor = (await session.scalars(select(ChannelIdentity.external_id))).one()

        async def read(_play: Play) -> bytes:
            (link,) = [one["url"] for frame in browser.messages for one in frame["attachments"]]
            async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=40) as anybody:
                return (await anybody.get(link)).content

        yield WebDoor(services, browser, visitor), read


_DOORS: dict[str, Any] = {"push": _push, "terminal": _terminal, "http": _http, "web": _web}
each_door = pytest.mark.parametrize("door", _DOORS)


async def make_her_known(play: Play) -> int:
    """She has written already; now she is recognised, with a phone number and an order."""
    database, now = play.services.database, play.clock.now()
    async with database.write() as session:
        customer_id = (await session.scalars(select(ChannelIdentity.customer_id))).one()
        customer = await session.get_one(Customer, customer_id)
        customer.phone, customer.phone_proven = PHONE, True
        await order(session, now, "A-1001", customer, product=PRODUCT)
    return customer_id


@each_door
async def test_a_copy_comes_as_a_file_after_a_yes(door: str, services: Services, clock: FakeClock) -> None:
    async with at(door, services, clock) as play:
        assert "Greetings and care" in await play.says("hello", "/me")
        await make_her_known(play)
        await play.says("a copy of my data")
        assert await play.time_passes() == 0
        assert "a minute or two" in await play.says("yes")
        assert await play.time_passes() == 1
        assert "JSON file" in play.texts[-1]
        known_of_her = json.loads(await play.read_file(play))
        assert known_of_her["customer"]["phone"] == PHONE
        assert known_of_her["tables"]["order"][0]["product"] == PRODUCT
        async with services.database.read() as session:
            book = await audit.list_entries(session, audit.AuditFilter(actor="customer"), 9)
        assert "customers.export" in [entry.action for entry in book]
        assert await play.time_passes() == 0


@each_door
async def test_erasure_is_carried_out_and_said_to_be_done(door: str, services: Services, clock: FakeClock) -> None:
    async with at(door, services, clock) as play:
        await play.says("hello", "/me")
        customer_id = await make_her_known(play)
        await play.says("please delete all my data")
        assert "won't know you after that" in await play.says("yes")
        assert await play.time_passes() >= 1
        receipt = play.texts[-1]
        assert "Done: your data has been erased" in receipt
        assert "Orders: 1;" in receipt
        assert f"Receipt number: {customer_id}" in receipt
        async with services.database.read() as session:
            customer = await session.get_one(Customer, customer_id)
            (task,) = await tasks.list_tasks(session, TaskFilter())
        assert customer.erased_at is not None
        assert (task.state, task.done_by) == (TaskState.DONE, "customer")


async def test_after_it_she_is_somebody_new_on_the_page_too(services: Services, clock: FakeClock) -> None:
    async with at("web", services, clock) as play:
        await play.says("hello", "please delete all my data", "yes")
        await play.time_passes()
        await play.door._browser.send(type="said", id="again", text="hello again")
        assert await play.door._browser.is_closed() == 4401


async def test_another_system_reads_the_last_word_and_nothing_that_was_emptied(
    services: Services, clock: FakeClock
) -> None:
    async with at("http", services, clock) as play:
        await play.says("hello", "My tin arrived broken", "delete all my data")
        async with services.database.read() as session:
            (conversation,) = await session.scalars(select(Conversation.id))
        await play.says("a copy of my data", "yes")
        await play.time_passes()
        await play.says("delete all my data", "yes")
        await play.time_passes()
        (item,) = (await play.door._client.get("/api/v1/outgoing")).json()["items"]
        assert "Done: your data has been erased" in item["message"]["text"]
        assert re.fullmatch(r"erased-\d+", item["customer"])
        assert item["conversation"] == conversation


@pytest.mark.db
async def test_nobody_knows_any_more_to_whom_the_last_word_went(
    services: Services, database: Database, clock: FakeClock
) -> None:
    async with at("push", services, clock) as play:
        play.door.visitor = "MARK-CHAT-77421"
        play.door._who = play.door._who.model_copy(update={"external_id": play.door.visitor})
        await play.says("hello", "please delete all my data", "yes")
        await play.time_passes()
        assert "Done" in play.texts[-1]
        assert await play.time_passes() == 1
    async with database.read() as session:
        assert list(await session.scalars(select(LastWord))) == []
        deliveries = list(await session.scalars(select(Delivery)))
        said = list(await session.scalars(select(Message.text)))
    assert all(row.payload in ({}, None) and not row.lane for row in deliveries)
    assert set(said) == {""}
    if database.sqlite_path:
        for path in database.sqlite_path.parent.glob(f"{database.sqlite_path.name}*"):
            assert b"MARK-CHAT-77421" not in path.read_bytes()


@pytest.mark.db
async def test_killed_after_the_erasure_the_last_word_is_still_said(
    services: Services, database: Database, clock: FakeClock
) -> None:
    """What is owed was written before; whoever starts next says it."""
    async with at("push", services, clock) as play:
        await play.says("hello", "please delete all my data", "yes")
        dying = play.desk.folder
        clock.advance(10)
        (wish,) = await _confirmed(database, clock)
        await play.desk._carry_out(wish, clock.now())
        assert await catch_up(_erasing(play), clock.now()) == 0
        await PrivacyDesk(database, dying, play.desk.files, play.desk.box, "the next").work(clock.now())
        await play.listen()
        assert "Done" in play.texts[-1]


@pytest.mark.parametrize("deadly", ["owed", "logged", "part of message", "finished", "said"])
async def test_killed_anywhere_she_is_erased_and_hears_it_once(
    services: Services, database: Database, clock: FakeClock, deadly: str
) -> None:
    """`kill -9` between her yes and the last word; the next process goes on."""
    async with at("push", services, clock) as play:
        await play.says("hello", "MARK-WORDS-5521", "please delete all my data", "yes")
        clock.advance(10)
        url = database.url.render_as_string(hide_password=False)
        await erase_and_die(url, play.desk.folder, deadly, CHAT, clock.now())
        await play.listen()  # what was on its way when the clock jumps would count as cut off
        clock.advance(minutes=3)
        await catch_up(_erasing(play), clock.now())
        for _ in range(2):
            await play.time_passes()
        assert sum("Done: your data has been erased" in text for text in play.texts) == 1
        async with database.read() as session:
            (task,) = await tasks.list_tasks(session, TaskFilter())
            assert await session.scalar(select(Customer.id).where(Customer.erased_at.is_(None))) is None
        assert task.state is TaskState.DONE
    assert database.sqlite_path is not None
    for path in database.sqlite_path.parent.glob(f"{database.sqlite_path.name}*"):
        assert b"MARK-WORDS-5521" not in path.read_bytes()


async def _confirmed(database: Database, clock: FakeClock) -> list[tasks.ConfirmedWish]:
    async with database.read() as session:
        return await tasks.list_confirmed(session, clock.now())


def _erasing(play: Play) -> Erasing:
    return Erasing(play.services.database, play.desk.folder, play.desk.files)


async def test_the_answer_goes_first_and_what_staff_have_taken_is_theirs(services: Services, clock: FakeClock) -> None:
    async with at("push", services, clock) as play:
        await play.says("hello", "a copy of my data", "yes")
        assert await play.time_passes(1) == 0
        async with services.database.write() as session:
            (task,) = await tasks.list_tasks(session, TaskFilter())
            anna, _ = await staff_service.add_agent(session, "anna", Role.AGENT, by="t", now=clock.now())
            await tasks.take(session, task.id, anna.id, "anna", clock.now())
        assert await play.time_passes() == 0


async def test_a_copy_is_kept_for_seven_days(services: Services, clock: FakeClock) -> None:
    async with at("push", services, clock) as play:
        await play.says("hello", "a copy of my data", "yes")
        await play.time_passes()
        times = KeepingTimes.of(services.settings)
        clock.advance(timedelta(days=6).total_seconds())
        assert (await let_go(services.database, times, play.desk.files, clock.now())).files == 0
        clock.advance(timedelta(days=2).total_seconds())
        assert (await let_go(services.database, times, play.desk.files, clock.now())).files == 1
        async with services.database.read() as session:
            assert list(await session.scalars(select(StoredFile))) == []
        assert not list(play.desk.folder.rglob("copy-*"))


async def test_open_cases_are_named_before_the_yes(services: Services, clock: FakeClock) -> None:
    async with at("push", services, clock) as play:
        await play.says("hello", "the tin arrived broken and I am very unhappy")
        (number,) = re.findall(r"number (?:is )?(\d+)", " ".join(play.texts))
        assert f"(number {number})" in await play.says("please delete all my data")


async def test_mondays_import_does_not_revive_her(services: Services, clock: FakeClock) -> None:
    async with at("http", services, clock) as play:
        await play.says("hello", "please delete all my data", "yes")
        await play.time_passes()
        async with services.database.write() as session:
            with pytest.raises(erased.WasErased):
                await known(session, clock.now(), external_id="visitor", name="Li")


async def test_the_job_finds_nothing_to_do_in_an_empty_shop(services: Services, tmp_path: Path) -> None:
    job = privacy_requests(tmp_path, FolderStore(tmp_path / "files"), services.secretbox)
    shop: Any = services
    assert await job.run(shop) == 0
