"""What the bot knows: articles to read and edit, and what customers asked that nothing answers."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.article_bodies import PathKey
from admin.api.articles import made, shape
from admin.api.context import Context, Reading
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import CursorText, PathId
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsArticles, ReadsArticles
from conversations.agent_answers import find_agent_answer
from core.shop import read_shop
from knowledge_base import articles, gap_list, history, repository
from knowledge_base.articles import StoredArticle
from knowledge_base.gap_list import Draft
from knowledge_base.placeholders import fill
from knowledge_base.repository import ArticleFilter
from knowledge_base.values import GroupState

router = APIRouter(route_class=PageRoute)

_LIST = "articles"
_MOST = 50
_Tongue = Literal["zh", "en"]
_Language = Annotated[_Tongue | None, Query()]


@router.get("/articles")
async def list_articles(
    request: Request,
    viewer: ReadsArticles,
    session: Reading,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: CursorText | None = None,
) -> HTMLResponse:
    wanted = ArticleFilter(text=q.strip() or None)
    rows = await repository.list_articles(session, wanted, _MOST + 1, decode_cursor(_LIST, cursor))
    shown, more = one_page(rows, _MOST, _LIST, lambda row: row[0].id)
    listed = [shape(StoredArticle(*row)) for row in shown]
    return page(request, "articles.html", viewer, listed=listed, q=q, more=more)


@router.get("/articles/{key}")
async def show_article(
    request: Request, viewer: ReadsArticles, session: Reading, key: PathKey, language: _Language = None
) -> HTMLResponse:
    stored = await articles.get_article(session, key, language)
    facts, _sample = await read_shop(session)
    versions = await history.list_versions(session, key, stored.article.language)
    preview = fill(stored.content.answer, facts, stored.article.language)
    return page(request, "article.html", viewer, article=shape(stored), versions=versions, preview=preview)


@router.post("/articles/{key}")
async def edit_article(
    viewer: EditsArticles,
    context: Context,
    key: PathKey,
    language: Annotated[_Tongue, Form()],
    version: Annotated[int, Form(ge=1)],
    question: Annotated[str, Form(min_length=1, max_length=500)],
    answer: Annotated[str, Form(min_length=1, max_length=10_000)],
    phrasings: Annotated[str, Form(max_length=20_000)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """A draft; customers keep what is published until that is published too. Phrasings: one a line."""
    words = {
        "question": question.strip(),
        "answer": answer.replace("\r\n", "\n").strip(),
        "phrasings": [line.strip() for line in phrasings.splitlines() if line.strip()],
    }
    async with context.database.write() as session:
        edit = made(viewer.actor, context, note.strip() or None)
        await articles.edit_article(session, key, language, version, words, edit, None)
    return back_to(f"/admin/articles/{key}?language={language}")


@router.get("/unanswered")
async def list_unanswered(request: Request, viewer: ReadsArticles, session: Reading) -> HTMLResponse:
    gaps = await gap_list.list_gaps(session, GroupState.OPEN, None, _MOST, 0)
    listed = [(gap, await find_agent_answer(session, gap.group.id)) for gap in gaps]
    return page(request, "unanswered.html", viewer, listed=listed)


@router.post("/unanswered/{id}/article")
async def make_article(viewer: EditsArticles, context: Context, group_id: PathId) -> Response:
    """A draft with the group's wordings, and with what a person answered if one did."""
    async with context.database.write() as session:
        answer = await find_agent_answer(session, group_id)
        draft = Draft(None, answer, None)
        stored = await gap_list.make_article(session, group_id, draft, made(viewer.actor, context))
        address = f"/admin/articles/{stored.article.key}?language={stored.article.language}"
    return back_to(address)


@router.post("/unanswered/{id}/dismiss")
async def dismiss(viewer: EditsArticles, context: Context, group_id: PathId) -> Response:
    async with context.database.write() as session:
        await gap_list.dismiss(session, group_id, made(viewer.actor, context))
    return back_to("/admin/unanswered")
