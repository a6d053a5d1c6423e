"""Who gets what: copies of an event, and deliveries that several workers claim."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.bootstrap.services import decoders
from conversations.inbox import InboxLoop, receive
from conversations.leases import new_worker_id
from conversations.models import Delivery, InboxEvent, Message
from conversations.values import Author, Said, Visitor
from core.clock import SystemClock
from core.database import Database
from tests.integration.loops.books import until
from tests.integration.loops.claimers import Race, RaceResult, fill, run_race
from tests.integration.loops.running import running
from tests.integration.loops.worker import ACCOUNT, Handler, decode, prepare
from tests.support.whole_engine import COMPLAINT, open_engine
from tickets.models import Ticket


@pytest.mark.db
async def test_four_workers_claim_4000_deliveries_once_each_and_in_order(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await prepare(database)
    race = Race(database_url, tmp_path / "journal", total=4000, lanes=200)
    await fill(database, race)
    assert await asyncio.to_thread(run_race, race) == RaceResult(lost=0, twice=0, out_of_order=0)


@pytest.mark.db
async def test_a_thousand_copies_of_a_complaint_at_once_are_one_ticket_and_are_answered_once(
    database: Database, tmp_path: Path
) -> None:
    await prepare(database)
    clock, visitor = SystemClock(), Visitor(external_id="chat")
    raw = Said(visitor=visitor, at=clock.now(), message_id="7", text=COMPLAINT).model_dump(mode="json")

    async def one_copy() -> bool:
        async with database.write() as session:
            received = await receive(session, account=ACCOUNT, external_id="7", lane="chat", raw=raw, now=clock.now())
        return received.is_new

    engine = (await open_engine(database, tmp_path)).conversations
    async with running(InboxLoop(database, clock, decoders(), engine.handle, new_worker_id())):
        new = await asyncio.gather(*(one_copy() for _ in range(1000)))
        await until(lambda: _has_answer(database), seconds=30)
    assert sum(new) == 1
    async with database.read() as session:
        for table in (InboxEvent, Ticket):
            assert await session.scalar(select(func.count()).select_from(table)) == 1
        said = [(row.author, row.text) for row in await session.scalars(select(Message).order_by(Message.seq))]
        sent = list(await session.scalars(select(Delivery.message_id)))
    assert said[0] == (Author.CUSTOMER, COMPLAINT)
    assert len(said) - 1 == len(set(said[1:])) == len(sent) == len(set(sent))


async def _has_answer(database: Database) -> bool:
    async with database.read() as session:
        return bool(await session.scalar(select(func.count()).select_from(Delivery)))


async def test_an_event_that_comes_again_is_recognised_with_what_became_of_it(database: Database) -> None:
    await prepare(database)
    now = SystemClock().now()
    async with database.write() as session:
        first = await receive(
            session, account=ACCOUNT, external_id="7", lane="chat", raw={"number": 7}, now=now, fingerprint="a"
        )
    async with running(InboxLoop(database, SystemClock(), {"test": decode}, Handler(database), new_worker_id())):
        await until(lambda: _has_answer(database), seconds=10)
    async with database.write() as session:
        same = await receive(
            session, account=ACCOUNT, external_id="7", lane="chat", raw={"number": 7}, now=now, fingerprint="a"
        )
        other = await receive(
            session, account=ACCOUNT, external_id="7", lane="chat", raw={"number": 8}, now=now, fingerprint="b"
        )
    assert (first.is_new, first.state) == (True, "pending")
    assert (same.is_new, same.state, same.batch_id, same.same_body) == (False, "done", first.id, True)
    assert not other.same_body
