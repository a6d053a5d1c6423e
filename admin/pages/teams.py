"""Teams: who shares work, by which opening hours."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.api.teams import check_calendar
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsTeams, ReadsTeams
from admin.pages.working import working
from core.errors import InvalidInput
from staff import service, teams
from staff.permissions import Action
from staff.values import Role

router = APIRouter(prefix="/teams", route_class=PageRoute)

_Name = Annotated[str, Form(min_length=1, max_length=80)]


@router.get("")
async def list_teams(request: Request, viewer: ReadsTeams, session: Reading, context: Context) -> HTMLResponse:
    policy = await context.policies.current(session)
    people = [one for one in await service.list_agents(session) if one.role is not Role.CHANNEL]
    return page(
        request, "teams.html", viewer,
        teams=await teams.list_teams(session),
        people=[one.name for one in people if one.disabled_at is None],
        calendars=[one.id for one in policy.calendars.rules.calendar],
        may_edit=viewer.may(Action.EDIT_TEAMS),
    )  # fmt: skip


@router.post("")
async def save(
    viewer: EditsTeams,
    context: Context,
    name: _Name,
    members: Annotated[list[str] | None, Form(max_length=1000)] = None,
    calendar: Annotated[str, Form(max_length=120)] = "",
    new: Annotated[bool, Form()] = False,
) -> Response:
    """`members`: all of them. `new`: there is no team of that name yet."""
    async with working(context, viewer) as work:
        if new and await teams.find_team(work.session, name.strip()) is not None:
            raise InvalidInput(f"there is a team {name!r} already", {"name": "is taken"})
        check_calendar(work.policy, calendar or None)
        by = viewer.actor.name
        await teams.save_team(work.session, name.strip(), members or (), calendar or None, by=by, now=work.now)
    return back_to("/admin/teams")


@router.post("/remove")
async def remove(viewer: EditsTeams, context: Context, name: _Name) -> Response:
    """Its cases and budgets stay explainable; nobody is a member any more."""
    async with context.database.write() as session:
        await teams.remove_team(session, name, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/teams")
