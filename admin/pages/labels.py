"""Labelled questions: what the shop wants answered with which article, and what customers get at this moment."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.articles import made
from admin.api.context import ApiContext, Context
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import CursorText, PathId
from admin.pages.articles import Tongue
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsArticles, ReadsArticles
from knowledge_base import labels, repository
from knowledge_base.evaluation import Judged
from knowledge_base.models import LabelledQuestion
from knowledge_base.repository import ArticleFilter
from knowledge_base.values import LabelledExample, SearchContext
from staff.permissions import Action

router = APIRouter(prefix="/labels", route_class=PageRoute)

_LIST = "labels"
#: Each is asked while the page is made.
_MOST = 25
#: Articles that are offered by name.
_KNOWN = 500


@router.get("")
async def list_labels(
    request: Request, viewer: ReadsArticles, context: Context, cursor: Annotated[CursorText | None, Query()] = None
) -> HTMLResponse:
    may_edit = viewer.may(Action.EDIT_ARTICLES)
    async with context.database.read() as session:
        rows = await labels.find_labels(session, _MOST + 1, decode_cursor(_LIST, cursor))
        articles = await repository.list_articles(session, ArticleFilter(), _KNOWN, None) if may_edit else []
    shown, more = one_page(rows, _MOST, _LIST, lambda row: row.id)
    return page(
        request, "labels.html", viewer,
        listed=list(zip(shown, await _ask(context, shown), strict=True)),
        more=more,
        keys=list(dict.fromkeys(row[0].key for row in articles)),
        may_edit=may_edit,
    )  # fmt: skip


async def _ask(context: ApiContext, rows: Sequence[LabelledQuestion]) -> list[Judged]:
    """What customers who ask these get now."""
    examples = [LabelledExample(row.question, row.article, row.language) for row in rows]
    search = context.knowledge.search
    found = await asyncio.gather(*(search(one.question, SearchContext(language=one.language)) for one in examples))
    return [Judged(example, result, 0) for example, result in zip(examples, found, strict=True)]


@router.post("")
async def add(
    viewer: EditsArticles,
    context: Context,
    question: Annotated[str, Form(min_length=1, max_length=500)],
    article: Annotated[str, Form(max_length=200)] = "",
    language: Annotated[Tongue | None, Form()] = None,
) -> Response:
    """`article` empty: nothing answers it. One that is labelled already gets this article instead."""
    async with context.database.write() as session:
        edit = made(viewer.actor, context)
        await labels.set_label(session, question, article.strip() or None, language, edit, must_exist=True)
    return back_to("/admin/labels")


@router.post("/{id}/remove")
async def remove(viewer: EditsArticles, context: Context, label_id: PathId) -> Response:
    async with context.database.write() as session:
        await labels.delete_label(session, label_id, made(viewer.actor, context))
    return back_to("/admin/labels")
