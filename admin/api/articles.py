"""What the shop knows: articles, their drafts and what customers get; and what a search would show."""

import time
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from admin.api.article_bodies import (
    ArticlePatch,
    InLanguage,
    NewArticle,
    PathKey,
    Publication,
    Reason,
    Tongue,
)
from admin.api.article_notices import OfNew, OfPatch, OfShown, OfStored
from admin.api.article_trials import OfArchiving, OfNewArticle, OfPublication
from admin.api.context import ApiContext, Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Cursor, Language, Limit, Line, Text
from admin.api.shapes.article import ArticleShape, SearchShape
from admin.api.writing import ApiRoute, Writing
from conversations.article_files import adopt_upload
from core.database import ReadSession
from core.shop import read_shop
from knowledge_base import articles, repository
from knowledge_base.article_audit import Edit
from knowledge_base.articles import StoredArticle
from knowledge_base.content import checked
from knowledge_base.notices import Notice
from knowledge_base.publishing import ask_publication
from knowledge_base.repository import ArticleFilter
from knowledge_base.shapes import article_shape, search_shape
from knowledge_base.values import ArticleStatus, Audience, SearchContext
from staff.permissions import Action
from staff.values import Actor

router = APIRouter(tags=["articles"], route_class=ApiRoute)

_LIST = "articles"
BEING_CHECKED: dict[int | str, dict[str, Any]] = {
    202: {"model": ArticleShape, "description": "It is being tried out on the labelled questions; see `pending`."}
}


@router.get("/search", summary="Ask what the bot would answer", dependencies=[allowed(Action.SEARCH)])
async def search(
    context: Context,
    q: Annotated[
        Text, Query(min_length=1, max_length=2000, examples=["什么时候发货"], description="What a customer writes.")
    ],
    language: Annotated[Language | None, Query(description="The customer's; default: that of the text.")] = None,
) -> SearchShape:
    """The same as `kefu ask --json`, with what only staff may read."""
    began = time.perf_counter()
    result = await context.knowledge.search(q, SearchContext(language, audience=Audience.AGENT))
    took_ms = (time.perf_counter() - began) * 1000
    async with context.database.read() as session:
        facts, _ = await read_shop(session)
    return SearchShape.model_validate(search_shape(result, took_ms, facts))


@router.get("/articles", summary="List articles", dependencies=[allowed(Action.READ_ARTICLES)])
async def list_articles(
    session: Reading,
    q: Annotated[Line | None, Query(description="Looked for in key, question, phrasings and answer.")] = None,
    status: Annotated[ArticleStatus | None, Query()] = None,
    category: Annotated[Line | None, Query()] = None,
    language: Annotated[Tongue | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ArticleShape]:
    """Each in its newest version, in the order in which they were made; `warnings` are looked for one by one."""
    wanted = ArticleFilter(text=q, status=status, category=category, language=language)
    rows = await repository.list_articles(session, wanted, limit + 1, decode_cursor(_LIST, cursor))
    shown, next_cursor = one_page(rows, limit, _LIST, lambda row: row[0].id)
    return Page(items=[shape(StoredArticle(*row)) for row in shown], next_cursor=next_cursor)


@router.post(
    "/articles",
    status_code=201,
    summary="Write an article",
    dependencies=[allowed(Action.EDIT_ARTICLES)],
    responses=BEING_CHECKED,
)
async def create(
    noticed: OfNew,
    trial: OfNewArticle,
    session: Writing,
    actor: Caller,
    context: Context,
    body: NewArticle,
    response: Response,
) -> ArticleShape:
    """A draft unless told. There is one with this key in this language: 409.

    Published at once it is tried out on the labelled questions first, see `/publish`.
    """
    await trial.confirm(session)
    made_by = made(actor, context, body.note)
    await adopt_upload(session, body.file, made_by)
    status = ArticleStatus.DRAFT if trial.takes_long else ArticleStatus(body.status)
    made_one = await articles.create_article(session, body.key, body.language, checked(body.words), made_by, status)
    if trial.takes_long:
        response.status_code = 202
        made_one = await ask_publication(session, body.key, body.language, made_by)
    return shape(made_one, noticed)


@router.get("/articles/{key}", summary="Show an article", dependencies=[allowed(Action.READ_ARTICLES)])
async def show(noticed: OfShown, session: Reading, key: PathKey, language: InLanguage = None) -> ArticleShape:
    return shape(await articles.get_article(session, key, language), noticed)


@router.patch("/articles/{key}", summary="Edit an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def edit(
    noticed: OfPatch,
    session: Writing,
    actor: Caller,
    context: Context,
    key: PathKey,
    body: ArticlePatch,
    language: InLanguage = None,
) -> ArticleShape:
    """Makes a draft; customers keep what is published until that is published too."""
    tongue = await language_of(session, key, language)
    status = ArticleStatus(body.status) if body.status else None
    made_by = made(actor, context, body.note)
    await adopt_upload(session, body.file, made_by)
    edited = await articles.edit_article(session, key, tongue, body.version, body.words, made_by, status)
    return shape(edited, noticed)


@router.delete("/articles/{key}", summary="Archive an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def archive(
    trial: OfArchiving,
    session: Writing,
    actor: Caller,
    context: Context,
    key: PathKey,
    language: InLanguage = None,
    force_reason: Annotated[Reason | None, Query()] = None,
) -> ArticleShape:
    """Takes it away from customers; its versions stay.

    Where labelled questions would get a wrong answer instead: 409, unless `force_reason` says why all the same. Where
    that cannot be told in some seconds it is archived: nothing keeps on the shelf what should not be there.
    """
    await trial.confirm(session)
    tongue = await language_of(session, key, language)
    return shape(await articles.archive_article(session, key, tongue, made(actor, context, force_reason)))


@router.post(
    "/articles/{key}/publish",
    summary="Publish an article",
    dependencies=[allowed(Action.EDIT_ARTICLES)],
    responses=BEING_CHECKED,
)
async def publish(
    noticed: OfStored,
    trial: OfPublication,
    session: Writing,
    actor: Caller,
    context: Context,
    key: PathKey,
    response: Response,
    body: Publication | None = None,
    language: InLanguage = None,
) -> ArticleShape:
    """Gives the newest version to customers, in every process within two seconds; `at`: from then on.

    It is tried out on the shop's labelled questions first, and if planned for a date once more before it. Worse: 409
    with those that broke in `data.questions`, unless `force_reason` says why all the same. Where that takes long: 202,
    `pending.state` is `checking`, then it is published or `refused` with the reason in `pending.detail`. With
    KEFU_FOUR_EYES whoever wrote it gets 403.
    """
    tongue = await language_of(session, key, language)
    wanted = body or Publication()
    made_by = made(actor, context, wanted.force_reason)
    if trial.takes_long:
        response.status_code = 202
        asked = await ask_publication(session, key, tongue, made_by, version=wanted.version, at=wanted.at)
        return shape(asked, noticed)
    await trial.confirm(session)
    published = await articles.publish_article(
        session, key, tongue, made_by, version=wanted.version, at=wanted.at, forced=bool(wanted.force_reason)
    )
    return shape(published, noticed)


def made(actor: Actor, context: ApiContext, note: str | None = None) -> Edit:
    """Who changes something now, by the shop's rule about it."""
    return Edit(actor.name, context.clock.now(), note, context.settings.four_eyes)


async def language_of(session: ReadSession, key: str, asked: str | None) -> str:
    return asked or (await articles.get_article(session, key)).article.language


def shape(stored: StoredArticle, noticed: Sequence[Notice] = ()) -> ArticleShape:
    return ArticleShape.model_validate(article_shape(stored, noticed))
