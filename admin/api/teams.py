"""Teams: who shares work, by which opening hours."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator, BaseModel, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page
from admin.api.fields import Body, ShortLine, plain_line
from admin.api.working import Working
from admin.api.writing import ApiRoute
from core.errors import InvalidInput
from staff import teams
from staff.permissions import Action
from staff.teams import TeamView
from tickets.policy import Policy

router = APIRouter(prefix="/teams", tags=["teams"], route_class=ApiRoute)

_Name = Annotated[str, AfterValidator(plain_line), Path(min_length=1, max_length=80, alias="name")]


class TeamBody(Body):
    """`members` are names of agents, all of them; `calendar` one of the rules' calendars, null: the shop's."""

    members: list[ShortLine] = Field(default=[], max_length=1000)
    calendar: ShortLine | None = Field(default=None, examples=["weekdays"])


class TeamShape(BaseModel):
    name: str
    members: list[str]
    calendar: str | None


@router.get("", summary="List teams", dependencies=[allowed(Action.READ_TEAMS)])
async def list_teams(session: Reading) -> Page[TeamShape]:
    """All of them, by name."""
    return Page(items=[team_shape(view) for view in await teams.list_teams(session)], next_cursor=None)


@router.put("/{name}", summary="Make or change a team", dependencies=[allowed(Action.EDIT_TEAMS)])
async def save(work: Working, actor: Caller, name: _Name, body: TeamBody) -> TeamShape:
    check_calendar(work.policy, body.calendar)
    view = await teams.save_team(work.session, name, body.members, body.calendar, by=actor.name, now=work.now)
    return team_shape(view)


@router.delete("/{name}", status_code=204, summary="Remove a team", dependencies=[allowed(Action.EDIT_TEAMS)])
async def remove(work: Working, actor: Caller, context: Context, name: _Name) -> Response:
    """Its tickets and budgets stay explainable."""
    await teams.remove_team(work.session, name, by=actor.name, now=context.clock.now())
    return Response(status_code=204)


def check_calendar(policy: Policy, calendar: str | None) -> None:
    """Raises InvalidInput for a calendar that the rules do not have."""
    if calendar is not None and policy.calendars.rules.find(calendar) is None:
        known = ", ".join(one.id for one in policy.calendars.rules.calendar)
        raise InvalidInput(f"there is no calendar {calendar!r}; there are: {known}", {"calendar": "unknown"})


def team_shape(view: TeamView) -> TeamShape:
    return TeamShape(name=view.team.name, members=list(view.members), calendar=view.team.calendar)
