"""Turning programmes on and off, and the one switch that holds everything the shop says first. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from conversations import follow_up_hold
from conversations.models import FollowUpHold
from core.database import ReadSession, WriteSession
from core.errors import NotFound
from core.rulebook import Edition
from scheduler.models import ProgrammeState
from scheduler.planner import Office
from scheduler.programme_rules import Programme, ProgrammeRules
from staff import audit


class ProgrammeNotFound(NotFound):
    """The rules have no programme of this id."""

    code = "programme_not_found"


@dataclass(frozen=True, slots=True)
class Listed:
    """A programme of the rules that hold, and whether it is on; `rule` cites it."""

    programme: Programme
    rule: str
    state: ProgrammeState | None

    @property
    def is_on(self) -> bool:
        return self.state is not None and self.state.enabled


async def list_programmes(session: ReadSession, office: Office) -> list[Listed]:
    """In the order of the rules."""
    edition = await office.programmes(session)
    states = {state.id: state for state in await session.scalars(select(ProgrammeState))}
    return [Listed(one, edition.name_of(one.id), states.get(one.id)) for one in edition.rules.programme]


async def get_programme(session: ReadSession, office: Office, programme_id: str) -> Listed:
    """Raises ProgrammeNotFound."""
    edition = await office.programmes(session)
    programme = _find(edition, programme_id)
    state = await session.get(ProgrammeState, programme_id)
    return Listed(programme, edition.name_of(programme_id), state)


def _find(edition: Edition[ProgrammeRules], programme_id: str) -> Programme:
    found = edition.rules.find(programme_id)
    if found is None:
        known = ", ".join(one.id for one in edition.rules.programme)
        raise ProgrammeNotFound(f"there is no programme {programme_id!r}; there are: {known}")
    return found


async def enable(session: WriteSession, office: Office, programme_id: str, *, by: str, now: datetime) -> ProgrammeState:
    """Turns it on: what is due from now on counts. On already: nothing changes. Raises ProgrammeNotFound."""
    await get_programme(session, office, programme_id)
    state = await _locked(session, programme_id)
    if not state.enabled:
        state.enabled, state.since, state.enabled_by = True, now, by[:80]
        state.paused_at = state.paused_because = None
        state.planned_until = state.planned_at = state.planned_by = None
        audit.record(session, actor=by, action="programmes.enable", object=f"programme:{programme_id}", now=now)
        await session.flush()
    return state


async def pause(
    session: WriteSession, office: Office, programme_id: str, *, by: str, now: datetime, because: str | None = None
) -> ProgrammeState:
    """Turns it off; what is planned is not sent. Off already: nothing changes. Raises ProgrammeNotFound."""
    await get_programme(session, office, programme_id)
    state = await _locked(session, programme_id)
    if state.enabled:
        state.enabled, state.paused_at, state.paused_because = False, now, because
        audit.record(
            session, actor=by, action="programmes.pause", object=f"programme:{programme_id}", now=now, note=because
        )
        await session.flush()
    return state


async def _locked(session: WriteSession, programme_id: str) -> ProgrammeState:
    state = await session.get(ProgrammeState, programme_id, with_for_update=True)
    if state is None:
        state = ProgrammeState(id=programme_id, enabled=False)
        session.add(state)
        await session.flush()
    return state


async def hold(session: WriteSession, *, by: str, now: datetime) -> FollowUpHold:
    """Stops everything that the shop says first, in every process. Held already: nothing changes."""
    held = await follow_up_hold.find_hold(session)
    if held is None:
        held = await follow_up_hold.hold(session, by, now)
        audit.record(session, actor=by, action="follow_ups.hold", object="follow_ups", now=now)
    return held


async def release(session: WriteSession, *, by: str, now: datetime) -> bool:
    """Lets it go on; what has expired meanwhile is dropped. False when it was not held."""
    was_held = await follow_up_hold.release(session)
    if was_held:
        audit.record(session, actor=by, action="follow_ups.release", object="follow_ups", now=now)
    return was_held
