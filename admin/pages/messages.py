"""What is put right in a talk: an own reply, or the bot's answer that was wrong."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from admin.api.articles import made
from admin.api.context import Context
from admin.api.fields import PathId
from admin.pages import case_view
from admin.pages.case_view import Composing, Mending
from admin.pages.cases import Words
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import CorrectsReplies, MarksWrong
from admin.pages.working import working
from conversations import corrections
from conversations.desk.undoing import AreYouSure
from conversations.wrong_answers import mark_wrong

router = APIRouter(prefix="/messages/{id}", route_class=PageRoute)

_Case = Annotated[int, Form(ge=1)]


@router.post("/mend")
async def mend(
    request: Request,
    viewer: CorrectsReplies,
    context: Context,
    message_id: PathId,
    case: _Case,
    text: Words = "",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """The customer sees the new words in the old one's place; a guarantee among them is asked about first."""
    try:
        async with working(context, viewer) as work:
            await corrections.mend(work, message_id, viewer.actor, text, sure=sure)
    except AreYouSure:
        mending = Mending(message_id, text)
        return await case_view.show(request, viewer, context, case, Composing(), 409, mending=mending)
    return back_to(f"/admin/cases/{case}#end")


@router.post("/take-back")
async def take_back(viewer: CorrectsReplies, context: Context, message_id: PathId, case: _Case) -> Response:
    async with working(context, viewer) as work:
        await corrections.take_back(work, message_id, viewer.actor)
    return back_to(f"/admin/cases/{case}#end")


@router.post("/wrong")
async def wrong(viewer: MarksWrong, context: Context, message_id: PathId, case: _Case) -> Response:
    """The question is labelled, and counts as unanswered."""
    async with context.database.write() as session:
        await mark_wrong(session, message_id, None, made(viewer.actor, context))
    return back_to(f"/admin/cases/{case}#end")
