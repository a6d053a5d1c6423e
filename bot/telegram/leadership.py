"""One process polls for a bot; the others stand by, and one of them takes over within 15 seconds."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from conversations import leases
from core.clock import Clock
from core.database import Database
from core.tasks import end

log = structlog.get_logger(__name__)


class Leader:
    """Runs `work` while this process has the lease `name`, and until cancelled.

    `worker_id` belongs to this start of the process alone. `seconds` is the length of the lease, which is renewed three
    times as often: a database that is away for longer ends the work, since another process may have it by then.
    """

    def __init__(
        self, database: Database, clock: Clock, name: str, worker_id: str, seconds: float = leases.LEASE_SECONDS
    ) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._worker_id = worker_id
        self._seconds = seconds

    async def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            while True:
                if await self._acquire():
                    log.info("lease.taken", lease=self._name)
                    await self._lead(work)
                    log.warning("lease.lost", lease=self._name)
                await self._clock.sleep(self._seconds / 10)
        finally:
            await self._release()

    async def _lead(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Returns when the lease is lost; raises what the work raises."""
        working = asyncio.create_task(work())
        keeping = asyncio.create_task(self._keep())
        try:
            done, _ = await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await end(working, keeping)

    async def _keep(self) -> None:
        """Returns when the lease is lost."""
        good_until = self._clock.now().timestamp() + self._seconds
        while self._clock.now().timestamp() < good_until:
            await self._clock.sleep(self._seconds / 3)
            asked_at = self._clock.now().timestamp()
            held = await self._tried()
            if held is False:
                return
            if held:
                good_until = asked_at + self._seconds

    async def _acquire(self) -> bool:
        return await self._tried() is True

    async def _tried(self) -> bool | None:
        """Whether this process has the lease; None when nobody can say, the database being away."""
        try:
            async with asyncio.timeout(self._seconds / 3), self._database.write() as session:
                now = self._clock.now()
                held = await leases.acquire(session, self._name, self._worker_id, now, self._seconds)
            return held is not None
        except Exception as error:
            log.warning("lease.unknown", lease=self._name, error=repr(error))
            return None

    async def _release(self) -> None:
        try:
            async with asyncio.timeout(self._seconds / 3), self._database.write() as session:
                await leases.release(session, self._name, self._worker_id, self._clock.now())
        except Exception as error:
            log.info("lease.not_released", lease=self._name, error=repr(error))
