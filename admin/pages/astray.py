"""What went astray: what could not be handled as it came in, and what may not have arrived. Looked at, tried again."""

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin import repairs
from admin.api.context import Context, Reading
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import CursorText, PathId
from admin.api.shapes.delivery import delivery_shape, delivery_shapes
from admin.api.shapes.event import event_shape
from admin.api.shapes.message import message_shapes
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import DismissesDeliveries, HandlesInbox, ReadsDeliveries, ResendsDeliveries
from conversations import repair
from conversations.models import Message
from conversations.values import InboxState
from core.logs import redact
from customers import identities
from staff.permissions import Action

router = APIRouter(prefix="/astray", route_class=PageRoute)

_EVENTS, _DELIVERIES = "inbox", "deliveries"
_MOST = 50
_Cursor = Annotated[CursorText | None, Query()]


@router.get("")
async def list_astray(
    request: Request, viewer: HandlesInbox, session: Reading, events: _Cursor = None, deliveries: _Cursor = None
) -> HTMLResponse:
    """Both lists, oldest first, each with its own way on."""
    parked = await repair.list_parked(session, decode_cursor(_EVENTS, events, "events"), _MOST + 1)
    after = decode_cursor(_DELIVERIES, deliveries, "deliveries")
    troubled = await repair.list_deliveries(session, repair.TROUBLED, (), after, _MOST + 1)
    came, more_came = one_page(parked, _MOST, _EVENTS, lambda event: event.id)
    went, more_went = one_page(troubled, _MOST, _DELIVERIES, lambda delivery: delivery.id)
    return page(
        request, "astray.html", viewer,
        events=[event_shape(event) for event in came],
        more_events=more_came,
        deliveries=await delivery_shapes(session, went, viewer.language),
        more_deliveries=more_went,
        hold=await repair.find_hold(session),
    )  # fmt: skip


@router.get("/events/{id}")
async def show_event(request: Request, viewer: HandlesInbox, session: Reading, event_id: PathId) -> HTMLResponse:
    """Whose it is, where that can be told, what went wrong, and what came, without contacts."""
    event = await repair.get_event(session, event_id)
    _, customer = await identities.find_with_customer(session, event.account, event.lane)
    raw = redact(json.dumps(event.raw, ensure_ascii=False, indent=2))
    is_parked = event.state is InboxState.PARKED
    return page(request, "astray_event.html", viewer, event=event_shape(event), customer=customer, raw=raw,
                is_parked=is_parked)  # fmt: skip


@router.post("/events/{id}/retry")
async def retry_event(viewer: HandlesInbox, context: Context, event_id: PathId) -> Response:
    """Before what waits in its chat."""
    async with context.database.write() as session:
        await repairs.retry_event(session, event_id, viewer.actor, context.clock.now())
    return back_to(f"/admin/astray/events/{event_id}")


@router.post("/events/{id}/dismiss")
async def dismiss_event(viewer: HandlesInbox, context: Context, event_id: PathId) -> Response:
    """Its row stays; nobody will be answered."""
    async with context.database.write() as session:
        await repairs.dismiss_event(session, event_id, viewer.actor, context.clock.now())
    return back_to("/admin/astray")


@router.get("/deliveries/{id}")
async def show_delivery(
    request: Request, viewer: ReadsDeliveries, session: Reading, delivery_id: PathId
) -> HTMLResponse:
    delivery = await repair.get_delivery(session, delivery_id)
    message = await session.get(Message, delivery.message_id) if delivery.message_id else None
    said = (await message_shapes(session, [message]))[0] if message else None
    return page(
        request, "astray_delivery.html", viewer,
        delivery=await delivery_shape(session, delivery, viewer.language),
        said=said,
        is_troubled=delivery.state in repair.TROUBLED,
        may_resend=await repairs.may_resend(session, viewer.actor, delivery_id),
        may_dismiss=viewer.may(Action.DISMISS_DELIVERY),
        may_list=viewer.may(Action.HANDLE_INBOX),
    )  # fmt: skip


@router.post("/deliveries/{id}/resend")
async def resend(viewer: ResendsDeliveries, context: Context, delivery_id: PathId) -> Response:
    """However late; what is unknown may arrive twice."""
    async with context.database.write() as session:
        await repairs.resend(session, delivery_id, viewer.actor, context.clock.now())
    return back_to(f"/admin/astray/deliveries/{delivery_id}")


@router.post("/deliveries/{id}/dismiss")
async def dismiss_delivery(viewer: DismissesDeliveries, context: Context, delivery_id: PathId) -> Response:
    async with context.database.write() as session:
        await repairs.dismiss_delivery(session, delivery_id, viewer.actor, context.clock.now())
    return back_to("/admin/astray")
