"""Customers who are not answered for a while."""

from fastapi import APIRouter
from pydantic import Field

from admin.api.context import Caller, Context, allowed
from admin.api.fields import Body, Line, PathId
from admin.api.orders import Instant
from admin.api.shapes.customer import FileShape, file_shape
from admin.api.writing import ApiRoute, Writing
from customers import blocking
from staff.permissions import Action

router = APIRouter(
    prefix="/customers", tags=["customers"], route_class=ApiRoute, dependencies=[allowed(Action.BLOCK_CUSTOMERS)]
)


class Block(Body):
    """`until` null: for thirty days."""

    reason: Line = Field(examples=["辱骂"])
    until: Instant | None = None


@router.post("/{id}/block", summary="Stop answering a customer")
async def block(session: Writing, actor: Caller, context: Context, customer_id: PathId, body: Block) -> FileShape:
    """What they write until then is kept; they are told once."""
    now = context.clock.now()
    customer = await blocking.block(session, customer_id, body.reason, body.until, by=actor.name, now=now)
    return await file_shape(session, customer, now)


@router.post("/{id}/unblock", summary="Answer a customer again")
async def unblock(session: Writing, actor: Caller, context: Context, customer_id: PathId) -> FileShape:
    now = context.clock.now()
    customer = await blocking.unblock(session, customer_id, by=actor.name, now=now)
    return await file_shape(session, customer, now)
