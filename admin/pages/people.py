"""Who works here, and who may see and do what."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from admin.api.context import Reading
from admin.pages.rendering import page
from admin.pages.routing import PageRoute
from admin.pages.visitor import Viewer, viewer_for
from staff import service
from staff.permissions import LOWEST, Action
from staff.values import Role

router = APIRouter(prefix="/staff", route_class=PageRoute)

ReadsStaff = Annotated[Viewer, viewer_for(Action.READ_TEAMS)]


@router.get("")
async def show_staff(request: Request, viewer: ReadsStaff, session: Reading) -> HTMLResponse:
    people = [agent for agent in await service.list_agents(session) if agent.role is not Role.CHANNEL]
    return page(request, "staff.html", viewer, people=people, table=_table())


def _table() -> Mapping[str, list[str]]:
    """What each role may beside what the ones before it may, as the one permission table has it."""
    return {
        role.value: [action.value for action, lowest in LOWEST.items() if lowest is role]
        for role in (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
    }
