"""Ready-made replies: read by all who answer, written by supervisors."""

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.pages.cases import Words
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsCanned, ReadsCanned
from conversations.desk import canned
from conversations.desk.canned import CannedText
from staff.permissions import Action

router = APIRouter(prefix="/canned", route_class=PageRoute)

_Name = Annotated[str, Form(min_length=1, max_length=60)]


@router.get("")
async def list_replies(request: Request, viewer: ReadsCanned, session: Reading) -> HTMLResponse:
    listed = await canned.list_all(session)
    return page(request, "canned.html", viewer, listed=listed, may_edit=viewer.may(Action.EDIT_CANNED))


@router.post("")
async def save(
    viewer: EditsCanned,
    context: Context,
    name: _Name,
    zh: Words = "",
    en: Words = "",
    tags: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Makes one or changes it; an unknown placeholder is refused."""
    labels = [tag.strip() for tag in re.split(r"[,，、]", tags) if tag.strip()]
    text = CannedText(_plain(zh), _plain(en), labels)
    async with context.database.write() as session:
        await canned.save(session, name.strip(), text, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/canned")


def _plain(words: str) -> str | None:
    return words.replace("\r\n", "\n").strip() or None


@router.post("/remove")
async def remove(viewer: EditsCanned, context: Context, name: _Name) -> Response:
    async with context.database.write() as session:
        await canned.remove(session, name, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/canned")
