"""What is put right in a talk: an own reply, or the bot's answer that was wrong."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from admin.api.articles import made
from admin.api.context import Context
from admin.api.fields import PathId
from admin.pages.cases import Words
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import CorrectsReplies, MarksWrong
from conversations import corrections
from conversations.wrong_answers import mark_wrong

router = APIRouter(prefix="/messages/{id}", route_class=PageRoute)

_Case = Annotated[int, Form(ge=1)]


@router.post("/mend")
async def mend(
    viewer: CorrectsReplies, context: Context, message_id: PathId, case: _Case, text: Words = ""
) -> Response:
    """The customer sees the new words in the old one's place."""
    async with context.database.write() as session:
        await corrections.mend(session, message_id, viewer.actor, text, context.clock.now())
    return back_to(f"/admin/cases/{case}#end")


@router.post("/take-back")
async def take_back(viewer: CorrectsReplies, context: Context, message_id: PathId, case: _Case) -> Response:
    async with context.database.write() as session:
        await corrections.take_back(session, message_id, viewer.actor, context.clock.now())
    return back_to(f"/admin/cases/{case}#end")


@router.post("/wrong")
async def wrong(viewer: MarksWrong, context: Context, message_id: PathId, case: _Case) -> Response:
    """The question is labelled, and counts as unanswered."""
    async with context.database.write() as session:
        await mark_wrong(session, message_id, None, made(viewer.actor, context))
    return back_to(f"/admin/cases/{case}#end")
