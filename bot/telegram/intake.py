"""Raw updates into the inbox: stored and committed, whoever brought them; only then may they be confirmed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.telegram import raw_updates
from bot.telegram.raw_updates import storable
from conversations import inbox
from core.clock import Clock
from core.database import Database

#: The parts of an album come one by one, a moment apart.
ALBUM_GATHERS = timedelta(seconds=0.7)
#: What is older was held up; a chat's backlog gathers for a moment, so that it is answered once.
LATE_AFTER = timedelta(seconds=20)
BACKLOG_GATHERS = timedelta(seconds=1.5)


class Intake:
    """Takes updates in for one bot account."""

    def __init__(self, database: Database, clock: Clock, account: str) -> None:
        self._database = database
        self._clock = clock
        self._account = account

    async def take(self, updates: Sequence[Any]) -> list[str]:
        """Stores the updates in one transaction; known ones are left alone.

        Returns the ids of new presses, which want an acknowledgement.
        """
        presses = []
        async with self._database.write() as session:
            for update in updates:
                now = self._clock.now()
                received = await inbox.receive(
                    session,
                    account=self._account,
                    external_id=raw_updates.external_id(update),
                    lane=raw_updates.lane_of(update),
                    raw=as_object(storable(update)),
                    now=now,
                    due_at=due_at(update, now),
                )
                press = raw_updates.find_press(update)
                if received.is_new and press:
                    presses.append(press)
        return presses


def as_object(update: Any) -> dict[str, Any]:
    """The inbox keeps objects; whatever else came is kept inside one, and parked when it is decoded."""
    return update if isinstance(update, dict) else {"odd": update}


def due_at(update: Any, now: datetime) -> datetime:
    """When the update's lane may be handled."""
    date = raw_updates.find_date(update)
    if date is not None and now - date > LATE_AFTER:
        return now + BACKLOG_GATHERS
    return now + ALBUM_GATHERS if raw_updates.is_of_album(update) else now
