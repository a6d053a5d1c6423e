"""Follow-ups: what is planned, sent and skipped, what would be; the switch that holds them all."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, encode_cursor, one_page
from admin.api.fields import Cursor, Limit, PathId, ShortLine
from admin.api.shapes.follow_up import FollowUpShape, follow_up_shape
from admin.api.writing import ApiRoute, Writing
from admin.follow_ups import office_of
from core.ids import MAX_ID
from scheduler import follow_ups, programmes
from scheduler.follow_ups import FollowUpFilter
from scheduler.preview import Asked, preview, span_of_days
from scheduler.showing import show_follow_ups, show_preview
from scheduler.values import FollowUpState
from staff.permissions import Action

router = APIRouter(prefix="/follow-ups", tags=["follow-ups"], route_class=ApiRoute)

_LIST, _PREVIEW = "follow-ups", "follow-ups-preview"
_CustomerId = Annotated[int | None, Query(ge=1, le=MAX_ID, description="A customer's id.")]


class HoldShape(BaseModel):
    """`on_hold`: nothing is sent that the shop says first; answers go on."""

    on_hold: bool


class PreviewCounts(BaseModel):
    send: int
    skip: dict[str, int] = Field(examples=[{"no_consent": 3}])


class PreviewPage(Page[FollowUpShape]):
    """`counts` are of the whole preview, whatever the page."""

    counts: PreviewCounts


@router.get("", summary="List follow-ups", dependencies=[allowed(Action.READ_FOLLOW_UPS)])
async def list_follow_ups(
    session: Reading,
    context: Context,
    state: FollowUpState | None = None,
    programme: Annotated[ShortLine | None, Query(description="A programme's id.")] = None,
    customer: _CustomerId = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[FollowUpShape]:
    """Newest first. What was skipped says why."""
    wanted = FollowUpFilter(state, programme, customer)
    rows = await follow_ups.list_follow_ups(session, wanted, decode_cursor(_LIST, cursor), limit + 1)
    page, next_cursor = one_page(rows, limit, _LIST, lambda row: row.id)
    shown = await show_follow_ups(session, office_of(context.settings, context.rulebook), page, context.clock.now())
    return Page(items=[follow_up_shape(one) for one in shown], next_cursor=next_cursor)


@router.get("/preview", summary="Preview follow-ups", dependencies=[allowed(Action.READ_FOLLOW_UPS)])
async def show_what_would_go(
    context: Context,
    start: Annotated[date, Query(alias="from", description="The first day, in the shop's zone.")],
    end: Annotated[date, Query(alias="to", description="The last day; at most 31 days.")],
    programme: Annotated[ShortLine | None, Query(description="This one alone, as if it were on.")] = None,
    customer: _CustomerId = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PreviewPage:
    """Who would get what and when, who would not and why. Changes nothing."""
    office, now = office_of(context.settings, context.rulebook), context.clock.now()
    asked = Asked(span_of_days(office, start, end), programme, customer)
    if programme is not None:
        async with context.database.read() as session:
            await programmes.get_programme(session, office, programme)
    found = await preview(context.database, office, asked, now)
    first = decode_cursor(_PREVIEW, cursor) or 0
    rows = found.rows[first : first + limit]
    async with context.database.read() as session:
        shown = await show_preview(session, office, rows, found.contact, now)
    sent, skipped = found.counts()
    more = first + limit < len(found.rows)
    return PreviewPage(
        items=[follow_up_shape(one) for one in shown],
        next_cursor=encode_cursor(_PREVIEW, first + limit) if more else None,
        counts=PreviewCounts(send=sent, skip=skipped),
    )


@router.post("/{id}/cancel", summary="Take a follow-up back", dependencies=[allowed(Action.CANCEL_FOLLOW_UPS)])
async def cancel(session: Writing, actor: Caller, context: Context, follow_up_id: PathId) -> FollowUpShape:
    """Before it goes out; later: 409."""
    now = context.clock.now()
    row = await follow_ups.cancel(session, follow_up_id, by=actor.name, now=now)
    (shown,) = await show_follow_ups(session, office_of(context.settings, context.rulebook), [row], now)
    return follow_up_shape(shown)


@router.post("/hold", summary="Hold all follow-ups", dependencies=[allowed(Action.HOLD_FOLLOW_UPS)])
async def hold(session: Writing, actor: Caller, context: Context) -> HoldShape:
    await programmes.hold(session, by=actor.name, now=context.clock.now())
    return HoldShape(on_hold=True)


@router.post("/release", summary="Let follow-ups go on", dependencies=[allowed(Action.HOLD_FOLLOW_UPS)])
async def release(session: Writing, actor: Caller, context: Context) -> HoldShape:
    """What has expired meanwhile is dropped."""
    await programmes.release(session, by=actor.name, now=context.clock.now())
    return HoldShape(on_hold=False)
