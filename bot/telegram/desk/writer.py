"""Writes to the desk's groups: what waits is put into the outbox a few calls at a time, the most pressing first.

A group takes 20 messages a minute. While one waits for its turn nothing more is put behind it, so that whatever comes
meanwhile is told in one post. One process writes for a bot at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import func, select

from bot.telegram.desk import groups, looks, marks, redoing
from bot.telegram.desk.composing import Composer
from bot.telegram.desk.jobs import find_jobs
from bot.telegram.desk.menus import Menus
from bot.telegram.desk.office import Office
from bot.telegram.models import DeskGroup
from conversations.models import Delivery
from conversations.values import DeliveryState
from core import signals
from core.database import ReadSession
from core.outages import is_outage

log = structlog.get_logger(__name__)

#: Calls that may wait in a group's lane.
DEPTH = 3
_TICK = 1.0
#: Signals come in bursts; a round is not begun more often.
_SHORTEST = 0.2
_WAITING = (DeliveryState.PENDING, DeliveryState.SENDING)


class DeskWriter:
    """For one bot account, until cancelled."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._composer = Composer(office)
        self._menus = Menus(office)
        self._settled_to = 0

    async def run(self) -> None:
        topics = (signals.TICKETS, signals.MESSAGES, signals.HELD, signals.STAFF, signals.CUSTOMERS, signals.DESK)
        with self._office.database.signals.subscribe(*topics) as news:
            while True:
                try:
                    await self.write_due()
                except Exception as error:
                    log.warning("telegram.desk_not_written", error=repr(error)[:500])
                await self._office.clock.sleep(_SHORTEST)
                await news.wait(_TICK)

    async def write_due(self) -> None:
        """One round: menus, marks, and what each group has room for."""
        office = self._office
        await self._menus.show_due()
        found = await self._find_groups()
        if not found:
            return
        for group in found:
            if group.looked_at is None or office.now() - group.looked_at > looks.EVERY:
                with _sparing_others(group, "look"):
                    await looks.look(office, group)
        self._settled_to = await marks.settle(office, self._settled_to)
        chats = [group.chat for group in found]
        for group in found:
            with _sparing_others(group, "redo"):
                await redoing.redo(office, group)
            with _sparing_others(group, "serve"):
                await self._serve(group, chats)

    async def _serve(self, group: DeskGroup, chats: list[str]) -> None:
        async with self._office.database.read() as session:
            room = DEPTH - await _count_waiting(session, group)
            jobs = await find_jobs(session, group, chats, self._office.now()) if room > 0 else []
        for job in jobs:
            if room <= 0:
                return
            with _sparing_others(group, repr(job)):
                room -= await self._composer.do(group, job)

    async def _find_groups(self) -> list[DeskGroup]:
        office = self._office
        chat_set = office.settings.telegram_desk_chat_id
        async with office.database.read() as session:
            found = await groups.list_all(session, office.account)
            if sorted(group.chat for group in found) == sorted(await groups.wanted(session, office.account, chat_set)):
                return found
        async with office.database.write() as session:
            return await groups.sync(session, office.account, chat_set, office.now())


@contextmanager
def _sparing_others(group: DeskGroup, what: str) -> Iterator[None]:
    """What goes wrong in the block holds up nothing else, here or in another group."""
    try:
        yield
    except Exception as error:
        if is_outage(error):
            raise
        log.error("telegram.desk_job_left", group_id=group.chat, job=what[:200], exc_info=error)


async def _count_waiting(session: ReadSession, group: DeskGroup) -> int:
    in_lane = (Delivery.account == group.account, Delivery.lane == group.chat, Delivery.state.in_(_WAITING))
    return await session.scalar(select(func.count()).select_from(Delivery).where(*in_lane)) or 0
