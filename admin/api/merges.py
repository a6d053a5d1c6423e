"""Joining two files of one person, and taking it back."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin.api.context import Caller, Context, allowed
from admin.api.fields import Body, PathId
from admin.api.writing import ApiRoute, Writing
from core.ids import MAX_ID
from customers import merge as merging
from customers.privacy_models import Merge
from staff.permissions import Action

router = APIRouter(tags=["customers"], route_class=ApiRoute, dependencies=[allowed(Action.MERGE_CUSTOMERS)])


class Other(Body):
    other: int = Field(ge=1, le=MAX_ID, description="The customer who is the same person.")


class MergeShape(BaseModel):
    """`customer` holds everything now; `other` leads there until it is undone."""

    id: int
    customer: int
    other: int
    merged_by: str
    merged_at: datetime
    undone_at: datetime | None


def _shape(row: Merge) -> MergeShape:
    return MergeShape(
        id=row.id,
        customer=row.survivor_id,
        other=row.merged_id,
        merged_by=row.merged_by,
        merged_at=row.merged_at,
        undone_at=row.undone_at,
    )


@router.post("/customers/{id}/merge", summary="Join another file into this one")
async def merge(session: Writing, actor: Caller, context: Context, customer_id: PathId, body: Other) -> MergeShape:
    """A visitor who has not proven who they are is never joined with a known customer: 409."""
    now = context.clock.now()
    return _shape(await merging.merge(session, customer_id, body.other, by=actor.name, now=now))


@router.post("/merges/{id}/undo", summary="Take a merge back")
async def undo(session: Writing, actor: Caller, context: Context, merge_id: PathId) -> MergeShape:
    """What came with the other file goes back to it; what came since stays."""
    return _shape(await merging.undo(session, merge_id, by=actor.name, now=context.clock.now()))
