"""Whoever builds an index lets go of the database before they have ended, and keeps what was built."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from core.database import Database
from knowledge_base import provision as provision_module
from knowledge_base.build_request import Stage
from knowledge_base.plans import read_plan
from knowledge_base.snapshot_store import SnapshotStore
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock
from tests.support.databases import connections_in_use


@pytest.mark.usefixtures("build_here")
async def test_a_builder_that_is_stopped_again_and_again_uses_no_connection_afterwards(
    database: Database, clock: FakeClock, write: Write, tmp_path: Path
) -> None:
    await write("hours", "几点开门？")
    async with database.read() as session:
        plan = await read_plan(session, clock.now(), "none")
    provision = provision_module.Provision(database, SnapshotStore(database, clock, tmp_path, "me"), "none")
    delivered = asyncio.Event()
    async with AsyncExitStack() as busy:

        async def deliver(stage: Stage) -> None:
            if stage is Stage.FULL:
                await busy.enter_async_context(database.write())  # whoever gives up a claim waits for it
                delivered.set()

        building = asyncio.create_task(provision.provide(plan, deliver))
        await delivered.wait()
        for _ in range(20):
            building.cancel()
            await asyncio.sleep(0)
        assert not building.done()
    await asyncio.wait([building])
    assert connections_in_use(database) == 0


class Watched(SnapshotStore):
    """Says when its builder has looked after the claim."""

    def __init__(self, database: Database, clock: FakeClock, folder: Path) -> None:
        super().__init__(database, clock, folder, "me")
        self.looked_after = asyncio.Event()

    async def renew(self, name: str) -> None:
        await super().renew(name)
        self.looked_after.set()


@pytest.mark.usefixtures("build_here")
async def test_an_index_that_takes_long_to_load_stays_built(
    database: Database, clock: FakeClock, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is loaded whoever built it still looks after their claim."""
    monkeypatch.setattr(provision_module, "LEASE", timedelta(milliseconds=3))
    await write("hours", "几点开门？")
    async with database.read() as session:
        plan = await read_plan(session, clock.now(), "none")
    store = Watched(database, clock, tmp_path)

    async def load(stage: Stage) -> None:
        for _ in range(2):  # the first may have begun before it was built
            store.looked_after.clear()
            await store.looked_after.wait()

    await provision_module.Provision(database, store, "none").provide(plan, load)
    assert await store.newest() == plan.name
    await store.keep_only(plan.name)
    assert store.has(plan.name)


async def test_what_another_has_just_built_is_not_claimed(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    """It was finished between the look and the claim; what is lost is claimed, by one."""
    mine, others = (SnapshotStore(database, clock, tmp_path / who, who) for who in ("me", "other"))
    assert await others.claim("index")
    async with others.workshop() as folder:
        (folder / "full").mkdir()
        await others.keep("index", folder / "full")
    assert not await mine.claim("index")
    clock.advance(minutes=1)
    assert not await mine.claim("index")
    lost = await mine.built_at("index")
    assert await mine.claim("index", lost)
    assert not await others.claim("index", lost)
