"""What went out through push channels, and what is uncertain."""

from typing import Annotated

from fastapi import APIRouter, Query

from admin import repairs
from admin.api.context import ApiContext, Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Cursor, Limit, PathId
from admin.api.shapes.delivery import DeliveryShape, delivery_shape, delivery_shapes
from admin.api.writing import ApiRoute, Writing
from conversations import repair
from conversations.values import DeliveryKind, DeliveryState
from staff.permissions import Action

router = APIRouter(prefix="/deliveries", tags=["deliveries"], route_class=ApiRoute)

_LIST = "deliveries"


@router.get("", summary="List deliveries", dependencies=[allowed(Action.LIST_DELIVERIES)])
async def list_deliveries(
    session: Reading,
    context: Context,
    state: Annotated[DeliveryState | None, Query()] = None,
    kind: Annotated[DeliveryKind | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryShape]:
    """Oldest first. `unknown`: it was written to the network and nobody answered."""
    states, kinds = (state,) if state else (), (kind,) if kind else ()
    rows = await repair.list_deliveries(session, states, kinds, decode_cursor(_LIST, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda delivery: delivery.id)
    return Page(items=await delivery_shapes(session, shown, _language(context)), next_cursor=next_cursor)


@router.post("/{id}/resend", summary="Send a delivery again", dependencies=[allowed(Action.RESEND_DELIVERY)])
async def resend(session: Writing, actor: Caller, context: Context, delivery_id: PathId) -> DeliveryShape:
    """A failed or unknown one, however late. An agent may resend her own replies, a supervisor any."""
    delivery = await repairs.resend(session, delivery_id, actor, context.clock.now())
    return await delivery_shape(session, delivery, _language(context))


@router.post("/{id}/dismiss", summary="Give a delivery up", dependencies=[allowed(Action.DISMISS_DELIVERY)])
async def dismiss(session: Writing, actor: Caller, context: Context, delivery_id: PathId) -> DeliveryShape:
    delivery = await repairs.dismiss_delivery(session, delivery_id, actor, context.clock.now())
    return await delivery_shape(session, delivery, _language(context))


def _language(context: ApiContext) -> str:
    return context.settings.language.value
