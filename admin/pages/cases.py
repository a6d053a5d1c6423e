"""One case: its customer, the talk as it goes on, and the reply that is being written."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.pages import case_view
from admin.pages.attaching import ChosenFiles, attach
from admin.pages.case_view import Composing
from admin.pages.inserting import insertion
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import ReadsTickets, WorksOnTickets
from admin.pages.working import working
from conversations.desk import cases, undoing
from conversations.desk.undoing import AreYouSure
from core.ids import MAX_ID
from tickets import repository

router = APIRouter(prefix="/cases", route_class=PageRoute)

PathNumber = Annotated[int, Path(ge=1, le=MAX_ID, alias="number")]
Words = Annotated[str, Form(max_length=10_000)]


@router.get("/{number}")
async def show_case(request: Request, viewer: ReadsTickets, context: Context, number: PathNumber) -> HTMLResponse:
    return await case_view.show(request, viewer, context, number, Composing())


@router.get("/{number}/talk")
async def show_talk(
    request: Request,
    viewer: ReadsTickets,
    session: Reading,
    number: PathNumber,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> HTMLResponse:
    """What was said since `after`, for a page that is open, and what is about to be."""
    ticket = await repository.get_ticket(session, number)
    place = await cases.find_place(session, ticket.customer_id, ticket.identity_id)
    talk = await case_view.read_talk(session, viewer, place, after)
    held = await case_view.read_held(session, viewer, number)
    return page(request, "talk.html", viewer, talk=talk, held=held, case=ticket)


@router.post("/{number}/draft")
async def compose(
    request: Request,
    viewer: WorksOnTickets,
    context: Context,
    files: ChosenFiles,
    number: PathNumber,
    text: Words = "",
    insert: Annotated[str, Form(max_length=300)] = "",
    canned: Annotated[str, Form(max_length=60)] = "",
) -> HTMLResponse:
    """Puts an article's answer or a ready-made reply below what is being written, to be looked at and sent."""
    asked = insert if insert != "canned" else f"canned:{canned}"
    added = await insertion(context, viewer, number, asked)
    words = "\n".join(part for part in (text.strip(), added) if part)
    composing = Composing(words, files=await files.keep(viewer))
    return await case_view.show(request, viewer, context, number, composing)


@router.post("/{number}/reply")
async def reply(
    request: Request,
    viewer: WorksOnTickets,
    context: Context,
    files: ChosenFiles,
    number: PathNumber,
    text: Words = "",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """To the customer, in ten seconds; the case is the viewer's from here on."""
    named = await files.keep(viewer)
    try:
        async with working(context, viewer) as work:
            attachments = await attach(work, viewer, number, named)
            await undoing.reply_soon(work, viewer.actor, number, text, attachments, sure=sure)
    except AreYouSure:
        composing = Composing(text, sure=True, files=named)
        return await case_view.show(request, viewer, context, number, composing, 409)
    return back_to(f"/admin/cases/{number}#end")


@router.post("/{number}/undo/{held}")
async def undo(
    viewer: WorksOnTickets, context: Context, number: PathNumber, held: Annotated[int, Path(ge=1, le=MAX_ID)]
) -> Response:
    """It is never sent."""
    async with working(context, viewer) as work:
        await undoing.undo(work, viewer.actor, held)
    return back_to(f"/admin/cases/{number}#end")
