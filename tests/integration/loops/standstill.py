"""A process that stands still while a call of its own is on its way: a closed laptop, a starved machine."""

from datetime import datetime, timedelta

from sqlalchemy import select

from conversations.deliveries import NotWritten, Outcome, SendJob
from conversations.models import Lease
from conversations.outbox import OutboxPace
from core.clock import SystemClock
from core.database import Database
from tests.integration.loops.books import until
from tests.support.push_channel import Journal, PushChannel

#: So long that no call is cut off, however busy the machine; leases run out when the clock jumps.
PACE = OutboxPace(tick=0.05, call=60.0, lease=100.0, account_lease=30.0)


class JumpingClock(SystemClock):
    """Real time that jumps ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def jump(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class StandsStill(PushChannel):
    """During its first call the process stands still beyond every lease; it wakes up, its loop looks after all that it
    left, and only then the call ends: nothing was written, or it had `arrived` after all.
    """

    def __init__(self, journal: Journal, database: Database, clock: JumpingClock, arrived: bool) -> None:
        super().__init__(journal, clock)
        self._database = database
        self._jumping = clock
        self._arrived = arrived
        self._has_stood_still = False

    async def send(self, job: SendJob) -> Outcome:
        if self._has_stood_still:
            return await super().send(job)
        self._has_stood_still = True
        self._jumping.jump(2 * PACE.lease)
        await until(self._is_looked_after, seconds=20)
        if self._arrived:
            return await super().send(job)
        return NotWritten("the process stood still")

    async def _is_looked_after(self) -> bool:
        async with self._database.read() as session:
            ends = list(await session.scalars(select(Lease.until)))
        return any(end > self._jumping.now() for end in ends)
