"""The agents' groups: a code for `/desk CODE`, and what was claimed with one."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page
from admin.api.fields import PathId
from admin.api.writing import ApiRoute, Writing
from staff import desks
from staff.models import Desk
from staff.permissions import Action

router = APIRouter(prefix="/desks", tags=["staff"], route_class=ApiRoute, dependencies=[allowed(Action.EDIT_DESKS)])


class DeskCode(BaseModel):
    """Write `/desk CODE` in the group; the code is shown this once."""

    id: int
    code: str
    expires_at: datetime


class DeskShape(BaseModel):
    """A group of agents. `chat` is its id on `account`."""

    id: int
    account: str | None = Field(examples=["telegram:tea_bot"])
    chat: str | None = Field(examples=["-1001234567890"])
    title: str | None
    claimed_by: str | None
    claimed_at: datetime | None


@router.get("", summary="List desks")
async def list_desks(session: Reading) -> Page[DeskShape]:
    """Every group that was claimed."""
    return Page(items=[_shape(desk) for desk in await desks.list_claimed(session)], next_cursor=None)


@router.post("", status_code=201, summary="Make a code for a group")
async def make_code(session: Writing, actor: Caller, context: Context) -> DeskCode:
    """Good once, for an hour."""
    made = await desks.make_code(session, by=actor.name, now=context.clock.now())
    return DeskCode(id=made.desk.id, code=made.code, expires_at=made.desk.expires_at)


@router.delete("/{id}", status_code=204, summary="Remove a desk")
async def remove(session: Writing, actor: Caller, context: Context, desk_id: PathId) -> Response:
    """The group is no desk any more; a code that nobody used ends."""
    await desks.remove(session, desk_id, by=actor.name, now=context.clock.now())
    return Response(status_code=204)


def _shape(desk: Desk) -> DeskShape:
    return DeskShape(
        id=desk.id,
        account=desk.account,
        chat=desk.chat,
        title=desk.title,
        claimed_by=desk.claimed_by,
        claimed_at=desk.claimed_at,
    )
