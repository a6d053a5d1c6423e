"""Who works here, and who may see and do what; adding somebody, a new key, and the end of somebody's access."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsStaff, Viewer, viewer_for
from admin.pages.working import working
from conversations.desk import leaving
from core.errors import InvalidInput
from staff import service, teams
from staff.availability import state_of
from staff.permissions import LOWEST, Action
from staff.service import AgentChange
from staff.values import Role

router = APIRouter(prefix="/staff", route_class=PageRoute)

ReadsStaff = Annotated[Viewer, viewer_for(Action.READ_TEAMS)]
_PathName = Annotated[str, Path(min_length=1, max_length=80, alias="name")]
_Name = Annotated[str, Form(min_length=1, max_length=80)]
_Alias = Annotated[str, Form(max_length=80)]


@router.get("")
async def show_staff(request: Request, viewer: ReadsStaff, session: Reading, context: Context) -> HTMLResponse:
    everybody = await service.list_agents(session)
    people = [agent for agent in everybody if agent.role is not Role.CHANNEL]
    now = context.clock.now()
    return page(
        request, "staff.html", viewer,
        people=[(agent, state_of(agent, now), await teams.teams_of(session, agent.id)) for agent in people],
        working_names=[agent.name for agent in people if agent.disabled_at is None],
        systems=[agent for agent in everybody if agent.role is Role.CHANNEL],
        teams=await teams.list_teams(session),
        roles=[role.value for role in Role],
        table=_table(),
        may_edit=viewer.may(Action.EDIT_STAFF),
    )  # fmt: skip


def _table() -> Mapping[str, list[str]]:
    """What each role may beside what the ones before it may, as the one permission table has it."""
    return {
        role.value: [action.value.replace(".", "_") for action, lowest in LOWEST.items() if lowest is role]
        for role in (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
    }


@router.post("")
async def add(
    request: Request,
    viewer: EditsStaff,
    context: Context,
    name: _Name,
    role: Annotated[Role, Form()],
    alias: _Alias = "",
) -> HTMLResponse:
    """A person or another system; the key is shown this once."""
    async with context.database.write() as session:
        now = context.clock.now()
        agent, key = await service.add_agent(
            session, name, role, by=viewer.actor.name, now=now, alias=alias.strip() or None
        )
    return _with_key(request, viewer, agent.name, key)


@router.post("/{name}/key")
async def new_key(request: Request, viewer: EditsStaff, context: Context, name: _PathName) -> HTMLResponse:
    """The old one ends at once; the new one is shown this once."""
    async with context.database.write() as session:
        _, key = await service.replace_key(session, name, by=viewer.actor.name, now=context.clock.now())
    return _with_key(request, viewer, name, key)


def _with_key(request: Request, viewer: Viewer, name: str, key: str) -> HTMLResponse:
    return page(request, "secret.html", viewer, title="new_key", shown=f"{name}: {key}", help="shown_once",
                back="/admin/staff")  # fmt: skip


@router.post("/{name}")
async def change(
    viewer: EditsStaff,
    context: Context,
    name: _PathName,
    role: Annotated[Role | None, Form()] = None,
    alias: _Alias = "",
    capacity: Annotated[str, Form(max_length=4, pattern=r"^\d*$")] = "",
) -> Response:
    """`capacity` empty: as it was; 0: no case is given to them by itself."""
    wanted = AgentChange(role, alias.strip() or None, None, int(capacity) if capacity else None)
    async with context.database.write() as session:
        await service.change_agent(session, name, wanted, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/staff")


@router.post("/{name}/disable")
async def disable(
    viewer: EditsStaff, context: Context, name: _PathName, hand_over_to: Annotated[str, Form(max_length=80)] = ""
) -> Response:
    """At once. Their cases go to a colleague, each with its packet, or back into the queue with a note."""
    if name == viewer.actor.name:
        raise InvalidInput("nobody shuts themselves out; another admin does", {"name": "is yourself"})
    async with working(context, viewer) as work:
        await leaving.disable(work, name, hand_over_to or None)
    return back_to("/admin/staff")
