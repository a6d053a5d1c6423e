"""The loop that says what agents wrote once it cannot be undone any more, in every process."""

import structlog
from sqlalchemy import select

from conversations.desk import undoing
from conversations.rounds import RoundLoop
from core.clock import Clock
from core.database import Database
from core.outages import is_outage
from core.signals import HELD, Signal
from staff.models import Agent
from tickets.policy import Policies

log = structlog.get_logger(__name__)

_TICK_SECONDS = 2.0
_AT_ONCE = 100


class HeldReplies(RoundLoop):
    """Releases each reply at its time, in a transaction of its own. One instance a process; several are safe."""

    def __init__(self, database: Database, clock: Clock, policies: Policies) -> None:
        super().__init__(database, clock, HELD, _TICK_SECONDS)
        self._policies = policies

    async def _round(self) -> None:
        now = self._clock.now()
        async with self._database.read() as session:
            due = await undoing.find_due(session, now, _AT_ONCE)
            following = await undoing.next_due(session)
            found = await session.execute(select(Agent.id, Agent.name))
            names = {row.id: row.name for row in found}
        for held in due:
            await self._release(held.id, names[held.agent_id])
        if following is not None and following > now:
            self._wake_up_at(following)
        elif due:
            self._wake_up()

    async def _release(self, held_id: int, by: str) -> None:
        """One that cannot be said holds up no other; it is tried again."""
        try:
            async with self._database.write() as session:
                work = await self._policies.work(session, self._clock.now(), by)
                message = await undoing.release(work, held_id)
        except Exception as error:
            if is_outage(error):
                raise
            log.error("reply_not_released", held=held_id, exc_info=error)
        else:
            log.info("reply_released", held=held_id, message=message.id if message else None)

    def _is_worth_a_round(self, signals: frozenset[Signal]) -> bool:
        return True
