"""What has been kept long enough goes; keys that make an event count once stay."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from conversations.models import InboxEvent, Message
from conversations.values import Attachment, AttachmentKind
from core.database import Base, Database
from core.files import FolderStore
from migrations.metadata import metadata
from scheduler.keeping import KeepingTimes, let_go
from tests.integration.customers.test_erasure import keep_file
from tests.support.clock import FakeClock
from tests.support.marked_people import WHEN, fill_everything, insert_row

pytestmark = pytest.mark.db
TIMES = KeepingTimes(timedelta(days=30), timedelta(days=365), timedelta(days=180), timedelta(days=730))


async def test_each_kind_goes_when_its_time_is_over(database: Database, tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    async with database.write() as session:
        keys = await fill_everything(session, metadata, "words")
        done = {"state": "done", "raw": {"text": "raw words"}, "external_id": "update 1"}
        await insert_row(session, Base.metadata.tables["inbox_event"], "x", keys, **done)
        if "ticket" in metadata.tables:
            ticket = Base.metadata.tables["ticket"]
            await session.execute(ticket.update().values(status="closed"))
    await keep_file(store, keys["stored_file"], "picture")
    found = [await let_go(database, TIMES, store, WHEN + timedelta(days=days)) for days in (29, 31, 181, 366, 731, 731)]
    assert [one.raw > 0 for one in found][:2] == [False, True]
    assert [one.files for one in found] == [0, 0, 1, 0, 0, 0]
    assert [one.questions for one in found] == [0, 0, 0, 1, 0, 0]
    assert [one.messages for one in found] == [0, 0, 0, 0, 1, 0]
    assert store.find(keys["stored_file"]) is None
    async with database.read() as session:
        event = (await session.scalars(select(InboxEvent).where(InboxEvent.external_id == "update 1"))).one()
        assert event.raw == {}
        assert {message.text for message in await session.scalars(select(Message))} == {""}


async def test_a_place_that_came_without_a_word_goes_too(database: Database, tmp_path: Path) -> None:
    async with database.write() as session:
        keys = await fill_everything(session, metadata, "words")
        await session.execute(Base.metadata.tables["ticket"].update().values(status="closed"))
        place = Attachment(kind=AttachmentKind.LOCATION, data={"latitude": 30.2, "longitude": 120.1})
        await session.execute(update(Message).values(text="", quote=None, attachments=[place]))
    for gone in (1, 0):
        found = await let_go(database, TIMES, FolderStore(tmp_path), WHEN + timedelta(days=731))
        assert found.messages == gone
    async with database.read() as session:
        message = await session.get_one(Message, keys["message"])
        assert message.attachments == []


async def test_what_was_emptied_is_not_emptied_again(database: Database, tmp_path: Path) -> None:
    async with database.write() as session:
        keys = await fill_everything(session, metadata, "words")
        done = {"state": "done", "raw": {"text": "raw words"}, "external_id": "update 1"}
        await insert_row(session, Base.metadata.tables["inbox_event"], "x", keys, **done)
    found = [await let_go(database, TIMES, FolderStore(tmp_path), WHEN + timedelta(days=31)) for _ in range(2)]
    assert found[0].raw > 0
    assert found[1].raw == 0


@pytest.mark.parametrize(("status", "goes"), [("new", 0), ("on_hold", 0), ("resolved", 0), ("closed", 1)])
async def test_an_open_ticket_keeps_what_was_said_and_sent(
    database: Database, tmp_path: Path, status: str, goes: int
) -> None:
    store = FolderStore(tmp_path)
    async with database.write() as session:
        keys = await fill_everything(session, metadata, "words")
        await session.execute(Base.metadata.tables["ticket"].update().values(status=status))
    await keep_file(store, keys["stored_file"], "picture")
    gone = await let_go(database, TIMES, store, WHEN + timedelta(days=731))
    assert (gone.files, gone.messages, gone.questions) == (goes, goes, 1)
    assert (store.find(keys["stored_file"]) is None) is bool(goes)


@pytest.mark.usefixtures("clock")
async def test_nothing_goes_before_its_time(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with database.write() as session:
        await fill_everything(session, metadata, "words")
    gone = await let_go(database, TIMES, FolderStore(tmp_path), WHEN + timedelta(days=1))
    assert (gone.raw, gone.questions, gone.files, gone.messages) == (0, 0, 0, 0)
