"""The snapshot that this process serves: which one it should be, and when it is swapped."""

import asyncio
import os
import socket
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from core import signals
from core.clock import Clock
from core.database import Database
from core.ids import new_token
from core.settings import Settings
from core.tasks import end
from knowledge_base.build_request import Stage
from knowledge_base.building import BuildFailed
from knowledge_base.catalogue import Catalogue
from knowledge_base.plans import Plan, is_stale, read_plan
from knowledge_base.provision import Provision
from knowledge_base.questions import SynonymTable
from knowledge_base.semantic import Embedder, load_embedder
from knowledge_base.shelf import Shelf
from knowledge_base.snapshot import Snapshot
from knowledge_base.snapshot_store import SnapshotStore
from knowledge_base.values import IndexedArticle

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 1.5
_RETRY = timedelta(seconds=30)
#: A dated change is built this long before its instant, so that it is served at it.
_AHEAD = timedelta(minutes=10)
#: So many new texts are encoded where customers are served, some milliseconds each.
_FEW_TEXTS = 50


@dataclass(frozen=True, slots=True)
class Served:
    """A snapshot in memory, and the plan that it fulfils."""

    plan: Plan
    stage: Stage
    snapshot: Snapshot
    catalogue: Catalogue

    @property
    def name(self) -> str:
        return self.plan.stage_name(self.stage)


class _Effort:
    """The work towards one plan. `first` is set when a stage of it is in memory, or none will be."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.first = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.failed_at: datetime | None = None

    @property
    def is_busy(self) -> bool:
        return self.task is not None and not self.task.done()

    def is_settled(self, now: datetime) -> bool:
        """Whether another plan may take its place: something of it is served, or its failure is a while ago."""
        if self.failed_at is not None:
            return now - self.failed_at >= _RETRY
        return self.first.is_set()


class SnapshotServer:
    """Keeps `served` at what is published and valid now. `thread`: the one that searches.

    `rehearsed` are questions that a snapshot is asked before it is served: what the first of their kind would have to
    load, in a second or more, is then there.
    """

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, thread: Executor, rehearsed: Sequence[str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._thread = thread
        self._embedder, _ = load_embedder(settings.embedder.value)
        self._rehearsed = rehearsed
        self._warming: asyncio.Task[object] | None = None
        builder = f"{socket.gethostname()}:{os.getpid()}:{new_token()[:6]}"
        self._store = SnapshotStore(database, clock, settings.data_dir / "snapshots", builder)
        self._provision = Provision(database, self._store, settings.embedder.value, self._encode_new)
        self._effort: _Effort | None = None
        self._efforts: set[asyncio.Task[None]] = set()
        self._next: Served | None = None
        self.served: Served | None = None

    @property
    def catalogue(self) -> Catalogue:
        return self.served.catalogue if self.served else Catalogue()

    @property
    def is_prepared(self) -> bool:
        return self._next is not None

    async def current(self) -> Served:
        """What is served; waits for it at the very start."""
        if self.served is None:
            await self.refresh()
        assert self.served is not None
        return self.served

    async def refresh(self, fully: bool = False) -> None:
        """Returns when what is published and valid now is served; `fully`: fitted whole, not as a quick edit.

        Raises:
            BuildFailed: it could not be built, and (unless `fully`) there is no older snapshot to go on with.
        """
        plan = await self._plan(self._clock.now())
        if self._already_serves(plan) and (self._is_full or not fully):
            return
        self._begin_warming()
        await self._work_on(plan, fully)

    async def warm(self) -> None:
        """Returns when the models that the rehearsed questions need are loaded, once a process."""
        await asyncio.shield(self._begin_warming())

    def _begin_warming(self) -> asyncio.Task[object]:
        if self._warming is None:
            self._warming = asyncio.create_task(asyncio.to_thread(self._embedder.encode, self._rehearsed))
        return self._warming

    async def _work_on(self, plan: Plan, fully: bool) -> None:
        effort = self._aim_at(plan)
        if not fully:
            await effort.first.wait()
        if effort.task is not None and (fully or effort.failed_at):
            await asyncio.wait([effort.task])
        if effort.failed_at:
            await self._go_on_with_older(fully)

    async def watch(self) -> None:
        """Swaps the snapshot whenever what should be served changes, until cancelled."""
        with self._database.signals.subscribe(signals.KNOWLEDGE) as news:
            try:
                while True:
                    await self._look()
                    await news.wait(self._pause())
            finally:
                await self.close()

    async def close(self) -> None:
        """Ends what is being built, and what was being built before that."""
        await end(*self._efforts)

    async def forget_older(self) -> None:
        """Throws away every snapshot but the one that is served: nothing that was removed stays readable in one."""
        if self.served is not None:
            await self._store.keep_only(self.served.name)

    async def _look(self) -> None:
        try:
            await self._follow(self._clock.now())
        except Exception as error:
            # The database may be away for a minute; what is served goes on being served.
            log.warning("knowledge.look_failed", error=repr(error))

    def _pause(self) -> float:
        """Seconds until the next look that nobody asks for."""
        until = self.served.plan.until if self.served else None
        left = (until - self._clock.now()).total_seconds() if until else _LOOK_SECONDS
        return max(0.01, min(left, _LOOK_SECONDS))

    async def _follow(self, now: datetime) -> None:
        """Swaps what is due, begins what is needed; an effort that has nothing to show yet is left to finish."""
        if self._next and self._next.plan.at <= now:
            self.served, self._next = self._next, None
        if self._effort and not self._effort.is_settled(now):
            return
        if self.served is None or await self._is_stale(self.served.plan, now):
            plan = await self._plan(now)
            if not self._already_serves(plan):
                self._aim_at(plan)
        elif self._is_due_soon(self.served.plan, now):
            self._aim_at(await self._plan(self.served.plan.until or now))

    def _is_due_soon(self, plan: Plan, now: datetime) -> bool:
        is_free = self._next is None and not (self._effort and self._effort.is_busy)
        return is_free and plan.until is not None and plan.until - now <= _AHEAD

    async def _is_stale(self, plan: Plan, now: datetime) -> bool:
        async with self._database.read() as session:
            return await is_stale(session, plan, now)

    async def _plan(self, at: datetime) -> Plan:
        async with self._database.read() as session:
            return await read_plan(session, at, self._embedder.name)

    def _already_serves(self, plan: Plan) -> bool:
        """Whether `plan` asks for just what is served; then that is the plan which is fulfilled from now on."""
        if self.served is None or self.served.plan.name != plan.name:
            return False
        if self.served.plan.revision != plan.revision:
            self._next = None  # what was prepared for a date may have been taken back
        self.served = replace(self.served, plan=plan)
        return True

    @property
    def _is_full(self) -> bool:
        return self.served is not None and self.served.stage is Stage.FULL

    def _aim_at(self, plan: Plan) -> _Effort:
        """Works towards `plan` in place of any other, unless it is being worked on."""
        old = self._effort
        if old and old.plan.name == plan.name and old.is_busy:
            return old
        if old and old.task:
            old.task.cancel()
        effort = self._effort = _Effort(plan)
        effort.task = asyncio.create_task(self._reach(effort), name="snapshot")
        self._efforts.add(effort.task)
        effort.task.add_done_callback(self._efforts.discard)
        return effort

    async def _reach(self, effort: _Effort) -> None:
        async def deliver(stage: Stage) -> None:
            await self._take(effort.plan, stage)
            effort.first.set()

        try:
            await self._provision.provide(effort.plan, deliver)
        except Exception as failed:
            effort.failed_at = self._clock.now()
            log.error("knowledge.build_failed", exc_info=failed)
        finally:
            effort.first.set()

    async def _encode_new(self, plan: Plan, articles: Sequence[IndexedArticle]) -> dict[str, list[float]]:
        """The new wordings of a few edited articles: this process has the models in memory, a builder loads them."""
        if self.served is None or not self._embedder.dimensions:
            return {}
        known = {(row.key, row.language, row.version) for row in self.served.plan.rows}
        new = [one for one in articles if (one.key, one.language, one.version) not in known]
        shelf = Shelf.of(new[:_FEW_TEXTS], SynonymTable(plan.synonyms))
        if len(new) > _FEW_TEXTS or not 0 < len(shelf.texts) <= _FEW_TEXTS:
            return {}
        encode = self.served.snapshot.encoder.embedder.encode
        vectors = await asyncio.get_running_loop().run_in_executor(self._thread, encode, shelf.texts)
        return dict(zip(shelf.texts, vectors.tolist(), strict=True))

    async def _take(self, plan: Plan, stage: Stage) -> None:
        """Loads a stage: served at once, or kept ready until its plan begins."""
        held = await self._load(plan, stage)
        if plan.at <= self._clock.now():
            self.served, self._next = held, None
        else:
            self._next = held
        log.info(
            "knowledge.loaded", snapshot=held.name[:12], articles=len(held.snapshot.shelf.articles), stage=stage.value
        )

    async def _load(self, plan: Plan, stage: Stage, name: str | None = None) -> Served:
        folder = self._store.path(name or plan.stage_name(stage))
        await self.warm()
        return await asyncio.to_thread(_read, plan, stage, folder, self._embedder, self._rehearsed)

    async def _go_on_with_older(self, fully: bool) -> None:
        """Where building fails, yesterday's answers are better than none."""
        older = None if fully else await self._store.newest()
        if self.served is None and older is not None:
            self.served = await self._load(Plan("", -1, self._clock.now(), None), Stage.FULL, older)
        if self.served is None or fully:
            raise BuildFailed("the index could not be built; the log says why, and `kefu doctor` what to do")


def _read(plan: Plan, stage: Stage, folder: Path, embedder: Embedder, rehearsed: Sequence[str]) -> Served:
    snapshot = Snapshot.load(folder, embedder)
    for question in rehearsed:
        snapshot.search(question)
    return Served(plan, stage, snapshot, Catalogue.of(snapshot.shelf.articles))
