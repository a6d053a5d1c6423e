"""Getting the snapshot of a plan: it lies here already, it ships, another process builds it, or this one does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from core.database import Database
from core.tasks import end, finish
from knowledge_base import prebuilt, repository
from knowledge_base.build_request import BuildRequest, Stage
from knowledge_base.building import build_apart
from knowledge_base.plans import Plan
from knowledge_base.snapshot_store import LEASE, SnapshotStore
from knowledge_base.values import IndexedArticle

Deliver = Callable[[Stage], Awaitable[None]]
#: What the new wordings of a plan mean, if that is known without loading a model for it.
Encode = Callable[[Plan, Sequence[IndexedArticle]], Awaitable[Mapping[str, Sequence[float]]]]
_OTHERS_SECONDS = 0.25


class Provision:
    """Brings snapshots into the store. `setting` is `KEFU_EMBEDDER`."""

    def __init__(self, database: Database, store: SnapshotStore, setting: str, encode: Encode | None = None) -> None:
        self._encode = encode
        self._database = database
        self._store = store
        self._setting = setting

    async def provide(self, plan: Plan, deliver: Deliver) -> None:
        """Calls `deliver` for each stage of `plan` that is in the store, the last time for the full one.

        Raises:
            BuildFailed
        """
        quick_is_out = False
        built_at = await self._store.built_at(plan.name)  # before one looks for its files
        while not await self._store.find(plan.name):
            if not quick_is_out and await self._store.find(plan.stage_name(Stage.QUICK)):
                await deliver(Stage.QUICK)
                quick_is_out = True
            if await self._store.claim(plan.name, built_at):
                await self._build(plan, deliver)
                return
            await asyncio.sleep(_OTHERS_SECONDS)
            built_at = await self._store.built_at(plan.name)
        await deliver(Stage.FULL)

    async def _build(self, plan: Plan, deliver: Deliver) -> None:
        renewing = asyncio.create_task(self._keep_claim(plan.name))
        try:
            async with self._store.workshop() as folder:
                if shipped := await asyncio.to_thread(prebuilt.unpack, plan.name, folder):
                    await self._store.keep(plan.name, shipped)
                    await deliver(Stage.FULL)
                else:
                    await self._build_anew(plan, folder, deliver)
        finally:
            await finish(self._let_go(plan.name, renewing))

    async def _let_go(self, name: str, renewing: asyncio.Task[None]) -> None:
        await end(renewing)
        await self._store.give_up(name)

    async def _build_anew(self, plan: Plan, folder: Path, deliver: Deliver) -> None:
        request = await self._request(plan)
        async with aclosing(build_apart(request, folder)) as stages:
            async for stage in stages:
                await self._store.keep(plan.stage_name(stage), folder / stage)
                await deliver(stage)

    async def _keep_claim(self, name: str) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self._store.renew(name)

    async def _request(self, plan: Plan) -> BuildRequest:
        async with self._database.read() as session:
            articles = await repository.load_indexed(session, plan.rows)
        older = await self._store.newest()
        return BuildRequest(
            articles=articles,
            embedder=self._setting,
            synonyms=plan.synonyms,
            thresholds=plan.thresholds,
            previous=self._store.path(older) if older else None,
            vectors=await self._encode(plan, articles) if self._encode and older else {},
        )
