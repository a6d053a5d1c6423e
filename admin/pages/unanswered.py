"""What customers asked and nothing answered: made into a draft, added to an article, or left alone for good."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.articles import made
from admin.api.context import Context, Reading
from admin.api.fields import PathId
from admin.pages.articles import page_of
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsArticles, ReadsArticles
from conversations.agent_answers import find_agent_answer
from knowledge_base import gap_list, repository
from knowledge_base.gap_list import Draft
from knowledge_base.repository import ArticleFilter
from knowledge_base.values import GroupState
from staff.permissions import Action

router = APIRouter(prefix="/unanswered", route_class=PageRoute)

_MOST = 50
#: Articles that are offered by name for the wordings of a group.
_KNOWN = 500


@router.get("")
async def list_unanswered(request: Request, viewer: ReadsArticles, session: Reading) -> HTMLResponse:
    gaps = await gap_list.list_gaps(session, GroupState.OPEN, None, _MOST, 0)
    listed = [(gap, await find_agent_answer(session, gap.group.id)) for gap in gaps]
    may_edit = viewer.may(Action.EDIT_ARTICLES)
    rows = await repository.list_articles(session, ArticleFilter(), _KNOWN, None) if gaps and may_edit else []
    keys = list(dict.fromkeys(row[0].key for row in rows))
    return page(request, "unanswered.html", viewer, listed=listed, keys=keys, may_edit=may_edit)


@router.post("/{id}/article")
async def make_article(viewer: EditsArticles, context: Context, group_id: PathId) -> Response:
    """A draft with the group's wordings, and with what a person answered if one did."""
    async with context.database.write() as session:
        answer = await find_agent_answer(session, group_id)
        draft = Draft(None, answer, None)
        stored = await gap_list.make_article(session, group_id, draft, made(viewer.actor, context))
        key, language = stored.article.key, stored.article.language
    return page_of(key, language)


@router.post("/{id}/phrasings")
async def add_phrasings(
    viewer: EditsArticles, context: Context, group_id: PathId, key: Annotated[str, Form(min_length=1, max_length=200)]
) -> Response:
    """The group's wordings as other ways to ask an article's question, in a draft of it."""
    async with context.database.write() as session:
        stored = await gap_list.add_to_article(session, group_id, key.strip(), made(viewer.actor, context))
        key, language = stored.article.key, stored.article.language
    return page_of(key, language)


@router.post("/{id}/dismiss")
async def dismiss(viewer: EditsArticles, context: Context, group_id: PathId) -> Response:
    async with context.database.write() as session:
        await gap_list.dismiss(session, group_id, made(viewer.actor, context))
    return back_to("/admin/unanswered")
