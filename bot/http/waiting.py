"""Waiting until an event has been handled: one look into the database for all who wait in this process."""

import asyncio
from collections import defaultdict

from sqlalchemy import select

from conversations.models import InboxEvent
from conversations.rounds import RoundLoop
from conversations.values import InboxState
from core.clock import Clock
from core.database import Database
from core.signals import MESSAGES, Signal

#: A lost signal, and an event that was parked (which sends none), costs no more than this.
_LOOK_SECONDS = 0.5
_OPEN = (InboxState.PENDING, InboxState.WORKING)


class AnswerWaiter(RoundLoop):
    """Tells whoever waits for an event that it is handled, whichever process handled it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock, MESSAGES, _LOOK_SECONDS)
        self._waiting: dict[int, set[asyncio.Future[None]]] = defaultdict(set)

    async def wait(self, event_id: int, seconds: float) -> None:
        """Returns once the event is done, parked or dismissed. Raises TimeoutError."""
        settled = asyncio.get_running_loop().create_future()
        self._waiting[event_id].add(settled)
        self._wake_up()
        try:
            async with asyncio.timeout(seconds):
                await settled
        finally:
            self._waiting[event_id].discard(settled)
            if not self._waiting[event_id]:
                del self._waiting[event_id]

    async def _round(self) -> None:
        if not self._waiting:
            return
        query = select(InboxEvent.id).where(InboxEvent.id.in_(list(self._waiting)), InboxEvent.state.not_in(_OPEN))
        async with self._database.read() as session:
            settled = list(await session.scalars(query))
        for event_id in settled:
            for waiting in self._waiting.get(event_id, ()):
                if not waiting.done():
                    waiting.set_result(None)

    def _is_worth_a_round(self, signals: frozenset[Signal]) -> bool:
        return bool(self._waiting)
