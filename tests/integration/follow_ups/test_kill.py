"""`kill -9` again and again while follow-ups go out to the test server, which limits and refuses; its log decides."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from conversations.contact_rules import CONTACT
from conversations.models import Account, Conversation
from conversations.values import Owner
from core.clock import SystemClock
from core.database import Database
from customers.models import ChannelIdentity, Consent, Customer
from customers.values import ConsentKind, Tier
from scheduler import programmes
from scheduler.models import FollowUp, PostedEvent
from scheduler.programme_rules import PROGRAMMES
from scheduler.values import FollowUpState
from tests.integration.follow_ups.office import make_office
from tests.integration.follow_ups.worker import IN_FLIGHT, Mistake, WorkerPlan, running_worker
from tests.integration.loops.books import until
from tests.support.telegram_bot import ACCOUNT
from tests.telegram_server.client import RemoteTelegramServer, telegram_process

pytestmark = pytest.mark.telegram
_SEED = 20260302
_KILLS, _SOAK_KILLS = 20, 200
#: So many that something is still going out at the last kill: each life sends a few, and its end cuts off some more.
_PEOPLE = 250
#: A life in which nothing is sent, as there is nothing left, is not waited for longer.
_LONGEST_LIFE = 4


@dataclass(frozen=True, slots=True)
class Books:
    """`lost`: said to be sent, never arrived. `twice`: arrived again. `open`: neither sent nor listed as unknown."""

    arrived: int
    lost: int
    twice: int
    open: int
    unknown: int


@pytest.fixture
def server() -> Iterator[RemoteTelegramServer]:
    with telegram_process() as running:
        yield running


async def prepare(database: Database, people: int) -> None:
    """Customers in Telegram who agreed, each with an event that a programme writes about; no night, no pace."""
    now, office = SystemClock().now(), make_office()
    before = now - timedelta(days=1)
    rules = CONTACT.shipped.replace('until = "09:00"', 'until = "21:00"').replace(
        "first_day = 50", "first_day = 100000"
    )
    texts = PROGRAMMES.shipped.replace(
        'kind = "service"\nbecause = { zh = "顾客要的', 'kind = "care"\nbecause = { zh = "顾客要的'
    )
    async with database.write() as session:
        how: dict[str, Any] = {"base": 0, "author": "test", "note": None, "now": before}
        await office.rulebook.publish(session, CONTACT, rules, **how)
        await office.rulebook.publish(session, PROGRAMMES, texts, **how)
        await programmes.enable(session, office, "back-in-stock", by="test", now=before)
        session.add(Account(name=ACCOUNT, channel="telegram", data={}, created_at=before))
        await session.flush()
        for n in range(1, people + 1):
            await session.execute(insert(Customer).values(id=n, name=f"c{n}", tier=Tier.STANDARD, created_at=before,
                                                          updated_at=before))  # fmt: skip
        made = {"created_at": before, "customer_id": 0}
        ids = range(1, people + 1)
        await session.execute(insert(ChannelIdentity), [
            made | {"id": n, "customer_id": n, "account": ACCOUNT, "external_id": str(n)} for n in ids])  # fmt: skip
        await session.execute(insert(Conversation), [
            made | {"customer_id": n, "identity_id": n, "account": ACCOUNT, "owner": Owner.BOT, "last_at": before}
            for n in ids])  # fmt: skip
        await session.execute(insert(Consent), [
            {"customer_id": n, "kind": ConsentKind.CARE, "given": True, "source": "test", "at": before,
             "recorded_at": before} for n in ids])  # fmt: skip
        await session.execute(insert(PostedEvent), [
            {"account": "http:shop", "external_id": f"e{n}", "customer_id": n, "kind": "back_in_stock", "at": now,
             "data": {"product": "龙井"}, "received_at": now} for n in ids])  # fmt: skip


def kill_again_and_again(plan: WorkerPlan, server: RemoteTelegramServer, kills: int) -> None:
    """Lets a worker send a moment, kills it, starts the next."""
    random = Random(_SEED)
    for _ in range(kills):
        before = server.control("state")["new_messages"]
        with running_worker(plan):
            deadline = time.monotonic() + _LONGEST_LIFE
            while server.control("state")["new_messages"] == before and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(random.uniform(0.0, 0.15))


async def read_books(database: Database, server: RemoteTelegramServer, people: int) -> Books:
    seen = {n: len(server.texts(n)) for n in range(1, people + 1)}
    async with database.read() as session:
        states = {row.customer_id: row.state for row in await session.execute(_STATES)}
    unsure = {n for n, state in states.items() if state is FollowUpState.UNKNOWN}
    sent = {n for n, state in states.items() if state is FollowUpState.SENT}
    return Books(
        arrived=sum(count > 0 for count in seen.values()),
        lost=sum(seen[n] == 0 for n in sent),
        twice=sum(count > 1 for count in seen.values()),
        open=people - len(unsure) - len(sent),
        unknown=len(unsure),
    )


_STATES = select(FollowUp.customer_id, FollowUp.state)


async def finish(database: Database, plan: WorkerPlan, people: int, seconds: float = 90) -> None:
    """A last worker is left alone until nothing is to be done. Raises TimeoutError."""
    with running_worker(plan):
        await all_ended(database, people, seconds)


async def all_ended(database: Database, people: int, seconds: float = 90) -> None:
    """Returns once each is sent, or listed as unknown. Raises TimeoutError."""

    async def is_over() -> bool:
        ended = FollowUp.state.in_((FollowUpState.SENT, FollowUpState.UNKNOWN))
        async with database.read() as session:
            return await session.scalar(select(func.count()).where(ended)) == people

    await until(is_over, seconds)


async def run(
    database: Database, url: str, server: RemoteTelegramServer, folder: Path, kills: int, people: int,
    mistake: Mistake = Mistake.NONE,
) -> Books:  # fmt: skip
    await prepare(database, people)
    server.control("open_chats", ids=list(range(1, people + 1)))
    server.control("enforce_limits")
    server.control("fail", kind="flood", method="sendMessage", share=0.03, retry_after=1)
    plan = WorkerPlan(url, server.url, folder, mistake)
    await asyncio.to_thread(kill_again_and_again, plan, server, kills)
    await finish(database, plan, people)
    return await read_books(database, server, people)


async def test_what_was_killed_while_it_sent_is_sent_once_or_listed(
    database: Database, database_url: str, server: RemoteTelegramServer, tmp_path: Path
) -> None:
    books = await run(database, database_url, server, tmp_path, _KILLS, people=_PEOPLE)
    assert (books.lost, books.twice, books.open) == (0, 0, 0)
    assert books.arrived + books.unknown >= _PEOPLE
    # What was in flight at each kill; on a slow machine also what a worker held that stood still beyond its lease.
    assert books.unknown <= _PEOPLE - _KILLS, books


@pytest.mark.soak
async def test_what_was_killed_two_hundred_times_is_sent_once_or_listed(
    database: Database, database_url: str, server: RemoteTelegramServer, tmp_path: Path
) -> None:
    books = await run(database, database_url, server, tmp_path, _SOAK_KILLS, people=3000)
    assert (books.lost, books.twice, books.open) == (0, 0, 0)
    assert books.unknown <= _SOAK_KILLS * IN_FLIGHT * 1.5, books
