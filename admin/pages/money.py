"""Money and goods that people have to give: what was accepted and is to be paid or sent, what waits for a yes."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.api.fields import PathId
from admin.api.shapes.compensation import grant_shapes
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import GivesMoney, ReadsMoney, viewer_for
from admin.pages.visitor import Viewer as SignedIn
from admin.pages.working import working
from staff.permissions import Action
from tickets import grants
from tickets.grants import GrantFilter
from tickets.values import GrantState

router = APIRouter(prefix="/money", route_class=PageRoute)

_MOST = 100
Decides = Annotated[SignedIn, viewer_for(Action.DECIDE_COMPENSATION)]


@router.get("")
async def show_money(request: Request, viewer: ReadsMoney, session: Reading) -> HTMLResponse:
    to_pay = await grants.list_grants(session, GrantFilter(to_pay=True), None, _MOST)
    asked = await grants.list_grants(session, GrantFilter(state=GrantState.PROPOSED), None, _MOST)
    return page(
        request, "money.html", viewer,
        to_pay=await grant_shapes(session, to_pay, viewer.language),
        asked=await grant_shapes(session, asked, viewer.language),
        may_decide=viewer.may(Action.DECIDE_COMPENSATION),
    )  # fmt: skip


@router.post("/{id}/issue")
async def issue(
    viewer: GivesMoney,
    context: Context,
    grant_id: PathId,
    reference: Annotated[str, Form(min_length=1, max_length=120)],
) -> Response:
    """It was paid or sent, under the shop's own reference; the customer hears of it now."""
    async with working(context, viewer) as work:
        await grants.issue(work, grant_id, reference.strip())
    return back_to("/admin/money")


@router.post("/{id}/approve")
async def approve(
    viewer: Decides, context: Context, grant_id: PathId, confirm: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """An owner who is alone types the amount of their own request (in the smallest unit) to agree to it."""
    typed = int(confirm) if confirm.strip().isdecimal() else None
    async with working(context, viewer) as work:
        await grants.approve(work, grant_id, viewer.actor, typed)
    return back_to("/admin/money")


@router.post("/{id}/reject")
async def reject(viewer: Decides, context: Context, grant_id: PathId) -> Response:
    async with working(context, viewer) as work:
        await grants.reject(work, grant_id)
    return back_to("/admin/money")
