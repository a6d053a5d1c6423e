"""The switch that holds everything the shop says first, while answers go on. Nothing here commits."""

from datetime import datetime

from sqlalchemy import delete

from conversations.models import FollowUpHold
from core import signals
from core.database import ReadSession, WriteSession


async def find_hold(session: ReadSession) -> FollowUpHold | None:
    return await session.get(FollowUpHold, 1)


async def hold(session: WriteSession, by: str, now: datetime) -> FollowUpHold:
    """Held already: nothing changes."""
    held = await find_hold(session)
    if held is None:
        held = FollowUpHold(id=1, held_by=by[:80], held_at=now)
        session.add(held)
        await session.flush()
    return held


async def release(session: WriteSession) -> bool:
    """False when it was not held."""
    was_held = await find_hold(session) is not None
    await session.execute(delete(FollowUpHold))
    session.signal(signals.OUTBOX)
    return was_held
