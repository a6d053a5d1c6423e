"""Events that could not be handled: parked, and waiting for somebody to look."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from admin import repairs
from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Cursor, Limit, PathId
from admin.api.shapes.event import InboxEventShape, event_shape
from admin.api.writing import ApiRoute, Writing
from conversations import repair
from staff.permissions import Action

router = APIRouter(prefix="/inbox", tags=["inbox"], route_class=ApiRoute, dependencies=[allowed(Action.HANDLE_INBOX)])

_LIST = "inbox"


@router.get("", summary="List parked events")
async def list_events(
    session: Reading,
    state: Annotated[Literal["parked"], Query(description="Only parked events are listed.")] = "parked",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[InboxEventShape]:
    """Oldest first."""
    rows = await repair.list_parked(session, decode_cursor(_LIST, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda event: event.id)
    return Page(items=[event_shape(event) for event in shown], next_cursor=next_cursor)


@router.post("/{id}/retry", summary="Handle a parked event again")
async def retry(session: Writing, actor: Caller, context: Context, event_id: PathId) -> InboxEventShape:
    """Before what waits in its chat."""
    return event_shape(await repairs.retry_event(session, event_id, actor, context.clock.now()))


@router.post("/{id}/dismiss", summary="Give a parked event up")
async def dismiss(session: Writing, actor: Caller, context: Context, event_id: PathId) -> InboxEventShape:
    """Its row stays; nobody will be answered."""
    return event_shape(await repairs.dismiss_event(session, event_id, actor, context.clock.now()))
