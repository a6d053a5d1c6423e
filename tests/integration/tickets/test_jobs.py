"""The timed jobs: promises kept an eye on, waits and offers that end; by several processes at once, once each."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from core.money import Money
from scheduler.clockwork import run_once, running_jobs
from scheduler.jobs import JOBS, Job, Shop, end_offers, end_silence, end_waits, keep_promises
from tests.integration.tickets.shop import TicketShop
from tests.support.databases import connections_in_use
from tickets import desk, grants, repository, sweep
from tickets.desk import Hold
from tickets.grants import Request
from tickets.models import TicketEvent
from tickets.policy import Work
from tickets.values import EventType, GrantKind, GrantState, TicketStatus

pytestmark = pytest.mark.db


def jobs_of(shop: TicketShop) -> Shop:
    return Shop(shop.database, shop.clock, shop.policies)


async def count(shop: TicketShop, kind: EventType) -> int:
    async with shop.database.read() as session:
        query = select(func.count()).select_from(TicketEvent).where(TicketEvent.type == kind)
        return await session.scalar(query) or 0


async def test_a_backlog_of_breaches_is_worked_off_once_by_all_processes_together(shop: TicketShop) -> None:
    for number in range(60):
        await shop.complain(await shop.customer(f"C-{number}"))
    shop.clock.advance(hours=2)
    await asyncio.gather(*(keep_promises(jobs_of(shop)) for _ in range(4)))
    while await keep_promises(jobs_of(shop)):
        """What another process held at that moment is done at the next tick."""
    assert (await count(shop, EventType.WARNED), await count(shop, EventType.BREACHED)) == (60, 60)
    assert await keep_promises(jobs_of(shop)) == 0


async def test_a_sweep_writes_all_its_lines_in_one_statement(shop: TicketShop) -> None:
    """Not line by line, as a flush does on SQLite: thousands may be late after a pause."""
    for number in range(6):
        await shop.complain(await shop.customer(f"C-{number}"))
    shop.clock.advance(hours=2)
    said: list[str] = []
    engine = shop.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: said.append(statement))
    assert await keep_promises(jobs_of(shop)) == 12
    assert sum(statement.startswith("INSERT INTO ticket_event") for statement in said) == 1


async def test_waits_silence_and_offers_end(shop: TicketShop) -> None:
    ticket, li = await shop.complain(await shop.customer()), await shop.person("li")
    quiet = await shop.complain(await shop.customer("C-2"))
    async with shop.work("li") as work:
        until = Hold("圆通快递", shop.clock.now() + timedelta(days=2))
        await desk.hold(work, await repository.lock_ticket(work.session, ticket.number), until)
        await desk.pend(work, await repository.lock_ticket(work.session, quiet.number))
        money = Money(100, "CNY")
        asked = Request(kind=GrantKind.VOUCHER, money=money, customer_id=ticket.customer_id, ticket=ticket)
        grant = await grants.offer(work, (await grants.request(work, asked, li)).id, li)
    run = jobs_of(shop)
    assert [await job(run) for job in (end_waits, end_silence, end_offers)] == [0, 0, 0]
    shop.clock.advance(days=7)
    assert [await job(run) for job in (end_waits, end_silence, end_offers)] == [1, 1, 1]
    assert (await shop.ticket(ticket.number)).status is TicketStatus.OPEN
    assert await count(shop, EventType.SILENCE_WARNED) == 1
    async with shop.database.read() as session:
        assert (await grants.get_grant(session, grant.id)).state is GrantState.EXPIRED


async def test_a_ticket_that_cannot_be_worked_on_holds_up_no_other(
    shop: TicketShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = [await shop.complain(await shop.customer(f"C-{number}")) for number in range(3)][1].id
    note = sweep.note_promises

    async def stumble(work: Work, ids: Sequence[int]) -> int:
        if bad in ids:
            raise LookupError("nobody thought of this")
        return await note(work, ids)

    monkeypatch.setattr(sweep, "note_promises", stumble)
    shop.clock.advance(hours=2)
    await keep_promises(jobs_of(shop))
    assert await count(shop, EventType.BREACHED) == 2


async def test_the_metronome_calls_each_job_and_outlives_one_that_fails(shop: TicketShop) -> None:
    called = asyncio.Event()

    async def good(_shop: Shop) -> int:
        called.set()
        return 1

    async def bad(_shop: Shop) -> int:
        raise RuntimeError("the database is away")

    async with running_jobs(jobs_of(shop), (Job("bad", 0.01, bad), Job("good", 0.02, good))):
        async with asyncio.timeout(20):
            await called.wait()


async def test_what_is_cut_short_lets_go_of_the_database_before_it_is_closed_and_is_no_fault(
    shop: TicketShop, caplog: pytest.LogCaptureFixture
) -> None:
    started = asyncio.Event()

    async def long(_shop: Shop) -> int:
        async with shop.database.write() as session:
            await session.execute(select(TicketEvent.id))
            started.set()
            await asyncio.Event().wait()
        return 1

    async with running_jobs(jobs_of(shop), (Job("long", 0.01, long),)):
        async with asyncio.timeout(20):
            await started.wait()
    assert connections_in_use(shop.database) == 0
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_every_job_runs_on_an_empty_shop(shop: TicketShop) -> None:
    for job in JOBS:
        await run_once(jobs_of(shop), job)
        assert await job.run(jobs_of(shop)) == 0
