"""Who is there for new cases, and who is away until when. Nothing here commits."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from core import signals
from core.database import WriteSession
from core.errors import InvalidInput
from staff import audit, service
from staff.models import Agent
from staff.values import Availability


def is_there(now: datetime) -> ColumnElement[bool]:
    """Agents who work now: not away, or back by themselves."""
    is_back = and_(Agent.away_until.is_not(None), Agent.away_until <= now)
    return and_(Agent.disabled_at.is_(None), or_(Agent.availability == Availability.ONLINE, is_back))


def state_of(agent: Agent, now: datetime) -> Availability:
    """An absence that has an end is over by itself."""
    is_back = agent.away_until is not None and agent.away_until <= now
    return Availability.ONLINE if is_back else agent.availability


async def set_state(
    session: WriteSession, name: str, state: Availability, until: datetime | None, *, by: str, now: datetime
) -> Agent:
    """Away: no new cases, until they are back. Online again: at once.

    Raises:
        NotFound
        InvalidInput: an end that has passed, or an end of being there.
    """
    if until is not None and (state is Availability.ONLINE or until <= now):
        said = "has passed" if state is Availability.AWAY else "only an absence ends"
        raise InvalidInput(f"until when? it {said}", {"until": said})
    agent = await service.get_agent(session, name)
    changes = {"availability": (agent.availability.value, state.value)}
    if until is not None:
        changes["until"] = (agent.away_until.isoformat() if agent.away_until else "", until.isoformat())
    agent.availability, agent.away_until = state, until
    audit.record(session, actor=by, action="staff.availability", object=f"agent:{name}", now=now, changes=changes)
    session.signal(signals.STAFF)
    await session.flush()
    return agent
