"""Teams: agents who share work, their calendar and their budget. Nothing here commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from core.database import ReadSession, WriteSession
from core.errors import InvalidInput, NotFound
from staff import audit, service
from staff.models import Agent, Team, TeamMember
from staff.values import Role

_LONGEST = 80


class TeamNotFound(NotFound):
    code = "team_not_found"


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team and the names of its members."""

    team: Team
    members: tuple[str, ...]


async def list_teams(session: ReadSession) -> list[TeamView]:
    """Living teams by name."""
    teams = list(await session.scalars(select(Team).where(Team.removed_at.is_(None)).order_by(Team.name)))
    return [TeamView(team, await _members(session, team.id)) for team in teams]


async def find_team(session: ReadSession, name: str) -> Team | None:
    return await session.scalar(select(Team).where(Team.name == name, Team.removed_at.is_(None)))


async def get_team(session: ReadSession, name: str) -> Team:
    """Raises TeamNotFound."""
    team = await find_team(session, name)
    if team is None:
        raise TeamNotFound(f"there is no team {name!r}; `kefu teams list` shows them")
    return team


async def save_team(
    session: WriteSession,
    name: str,
    members: Sequence[str] | None,
    calendar: str | None,
    *,
    by: str,
    now: datetime,
) -> TeamView:
    """Makes or changes the team; `members` None: as they are.

    Raises:
        InvalidInput: no usable name, or a member who is no agent.
    """
    team = await session.scalar(select(Team).where(Team.name == _checked(name)).with_for_update())
    if team is None:
        team = Team(name=name, created_at=now)
        session.add(team)
    changes = {"calendar": (team.calendar, calendar)}
    team.calendar, team.removed_at = calendar, None
    await session.flush()
    if members is not None:
        changes["members"] = (", ".join(await _members(session, team.id)), ", ".join(members))
        await _replace_members(session, team, members)
    audit.record(session, actor=by, action="teams.set", object=f"team:{name}", now=now, changes=changes)
    return TeamView(team, await _members(session, team.id))


async def remove_team(session: WriteSession, name: str, *, by: str, now: datetime) -> None:
    """Its tickets and budgets stay explainable; nobody is a member any more. Raises TeamNotFound."""
    team = await get_team(session, name)
    team.removed_at = now
    await _replace_members(session, team, ())
    audit.record(session, actor=by, action="teams.remove", object=f"team:{name}", now=now)


async def set_teams(session: WriteSession, agent: Agent, names: Sequence[str], *, by: str, now: datetime) -> None:
    """`agent` is in these teams and in no other.

    Raises:
        TeamNotFound
        InvalidInput: another system.
    """
    if agent.role is Role.CHANNEL:
        raise InvalidInput(f"{agent.name} is another system, no agent", {"teams": "is no agent"})
    wanted = [await get_team(session, name) for name in dict.fromkeys(names)]
    before = await teams_of(session, agent.id)
    await session.execute(delete(TeamMember).where(TeamMember.agent_id == agent.id))
    session.add_all(TeamMember(team_id=team.id, agent_id=agent.id) for team in wanted)
    changes = {"teams": (", ".join(before), ", ".join(team.name for team in wanted))}
    audit.record(session, actor=by, action="staff.teams", object=f"agent:{agent.name}", now=now, changes=changes)
    await session.flush()


async def teams_of(session: ReadSession, agent_id: int) -> tuple[str, ...]:
    """The names of the living teams that somebody is in."""
    query = select(Team.name).join(TeamMember, TeamMember.team_id == Team.id)
    query = query.where(TeamMember.agent_id == agent_id, Team.removed_at.is_(None))
    return tuple(await session.scalars(query.order_by(Team.name)))


def _checked(name: str) -> str:
    # The name is part of an account of the ledger, where a colon separates.
    if not name.strip() or len(name) > _LONGEST or not name.isprintable() or any(mark in name for mark in ":/"):
        said = f"a team's name has 1 to {_LONGEST} visible characters, without : and /"
        raise InvalidInput(said, {"name": "invalid"})
    return name


async def _members(session: ReadSession, team_id: int) -> tuple[str, ...]:
    query = select(Agent.name).join(TeamMember, TeamMember.agent_id == Agent.id).where(TeamMember.team_id == team_id)
    return tuple(await session.scalars(query.order_by(Agent.name)))


async def _replace_members(session: WriteSession, team: Team, names: Iterable[str]) -> None:
    agents = [await service.get_agent(session, name) for name in dict.fromkeys(names)]
    systems = [agent.name for agent in agents if agent.role is Role.CHANNEL]
    if systems:
        raise InvalidInput(f"{systems[0]} is another system, no agent", {"members": f"{systems[0]} is no agent"})
    await session.execute(delete(TeamMember).where(TeamMember.team_id == team.id))
    session.add_all(TeamMember(team_id=team.id, agent_id=agent.id) for agent in agents)
    await session.flush()
