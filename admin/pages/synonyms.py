"""Words that mean the same in this shop: one text, a group a line, put in place as a whole."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.articles import made
from admin.api.context import Context, Reading
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsArticles, ReadsArticles, Viewer
from core.table_values import join_list, split_list
from knowledge_base import synonyms
from knowledge_base.synonyms import wrong_group
from staff.permissions import Action

router = APIRouter(prefix="/synonyms", route_class=PageRoute)

_Text = Annotated[str, Form(max_length=400_000)]


@router.get("")
async def show_synonyms(request: Request, viewer: ReadsArticles, session: Reading) -> HTMLResponse:
    groups = await synonyms.list_synonyms(session)
    text = "\n".join(join_list(group) for group in groups)
    return _page(request, viewer, text=text, base=synonyms.name_of(groups), count=len(groups))


@router.post("")
async def replace(
    request: Request,
    viewer: EditsArticles,
    context: Context,
    base: Annotated[str, Form(min_length=1, max_length=64)],
    text: _Text = "",
) -> Response:
    """`base` names the list that was looked at: one that somebody changed meanwhile is not overwritten."""
    groups = [(number, split_list(line)) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    wrong = [(number, reason) for number, words in groups if (reason := wrong_group(words))]
    if wrong:
        return _page(request, viewer, 422, text=text, base=base, count=len(groups), wrong=wrong)
    async with context.database.write() as session:
        listed = [words for _, words in groups]
        await synonyms.replace_synonyms(session, listed, made(viewer.actor, context), base)
    return back_to("/admin/synonyms")


def _page(request: Request, viewer: Viewer, status: int = 200, **values: Any) -> HTMLResponse:
    may_edit = viewer.may(Action.EDIT_ARTICLES)
    return page(request, "synonyms.html", viewer, status, may_edit=may_edit, **{"wrong": [], **values})
