"""What the bot knows: articles to read, write and edit. Customers keep what is published until that changes too."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.article_bodies import PathKey
from admin.api.article_notices import notices_of
from admin.api.articles import made, shape
from admin.api.context import Context, Reading
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import CursorText
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import EditsArticles, ReadsArticles
from core.shop import read_shop
from knowledge_base import articles, history, repository
from knowledge_base.article_form import key_of
from knowledge_base.articles import StoredArticle
from knowledge_base.content import checked
from knowledge_base.placeholders import fill
from knowledge_base.repository import ArticleFilter
from knowledge_base.values import ArticleStatus
from staff.permissions import Action

router = APIRouter(prefix="/articles", route_class=PageRoute)

_LIST = "articles"
_MOST = 50
Tongue = Literal["zh", "en"]
Language = Annotated[Tongue | None, Query()]
FormLanguage = Annotated[Tongue, Form()]
_Question = Annotated[str, Form(min_length=1, max_length=500)]
_Answer = Annotated[str, Form(min_length=1, max_length=10_000)]
_Phrasings = Annotated[str, Form(max_length=20_000)]
Note = Annotated[str, Form(max_length=500)]


@router.get("")
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
    may_edit = viewer.may(Action.EDIT_ARTICLES)
    return page(request, "articles.html", viewer, listed=listed, q=q, more=more, may_edit=may_edit)


@router.post("")
async def write_article(
    viewer: EditsArticles,
    context: Context,
    language: FormLanguage,
    question: _Question,
    answer: _Answer,
    phrasings: _Phrasings = "",
) -> Response:
    """A draft; its key is made from the question."""
    words = _words(question, answer, phrasings)
    async with context.database.write() as session:
        key = key_of(question)
        await articles.create_article(
            session, key, language, checked(words), made(viewer.actor, context), ArticleStatus.DRAFT
        )
    return page_of(key, language)


@router.get("/{key}")
async def show_article(
    request: Request, viewer: ReadsArticles, context: Context, key: PathKey, language: Language = None
) -> HTMLResponse:
    noticed = await notices_of(context, key, language, viewer.language)
    async with context.database.read() as session:
        stored = await articles.get_article(session, key, language)
        facts, _sample = await read_shop(session)
        versions = await history.list_versions(session, key, stored.article.language)
    return page(
        request, "article.html", viewer,
        article=shape(stored, noticed),
        versions=versions,
        preview=fill(stored.content.answer, facts, stored.article.language),
        may_edit=viewer.may(Action.EDIT_ARTICLES),
    )  # fmt: skip


@router.post("/{key}")
async def edit_article(
    viewer: EditsArticles,
    context: Context,
    key: PathKey,
    language: FormLanguage,
    version: Annotated[int, Form(ge=1)],
    question: _Question,
    answer: _Answer,
    phrasings: _Phrasings = "",
    note: Note = "",
) -> Response:
    """A draft; customers keep what is published until that is published too. Phrasings: one a line."""
    words = _words(question, answer, phrasings)
    async with context.database.write() as session:
        edit = made(viewer.actor, context, note.strip() or None)
        await articles.edit_article(session, key, language, version, words, edit, None)
    return page_of(key, language)


def _words(question: str, answer: str, phrasings: str) -> dict[str, object]:
    return {
        "question": question.strip(),
        "answer": answer.replace("\r\n", "\n").strip(),
        "phrasings": [line.strip() for line in phrasings.splitlines() if line.strip()],
    }


def page_of(key: str, language: str) -> Response:
    return back_to(f"/admin/articles/{key}?language={language}")
