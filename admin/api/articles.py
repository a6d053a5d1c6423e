"""What the shop knows: articles, their drafts and what customers get; and what a search would show."""

import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from admin.api.article_bodies import (
    ArticlePatch,
    InLanguage,
    NewArticle,
    PathKey,
    Publication,
    Tongue,
)
from admin.api.article_notices import OfNew, OfPatch, OfStored
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
from knowledge_base.repository import ArticleFilter
from knowledge_base.shapes import article_shape, search_shape
from knowledge_base.values import ArticleStatus, Audience, SearchContext
from staff.permissions import Action
from staff.values import Actor

router = APIRouter(tags=["articles"], route_class=ApiRoute)

_LIST = "articles"


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


@router.post("/articles", status_code=201, summary="Write an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def create(noticed: OfNew, session: Writing, actor: Caller, context: Context, body: NewArticle) -> ArticleShape:
    """A draft unless told. There is one with this key in this language: 409."""
    made_by = made(actor, context, body.note)
    status = ArticleStatus(body.status)
    await adopt_upload(session, body.file, made_by)
    content = checked(body.words)
    return shape(await articles.create_article(session, body.key, body.language, content, made_by, status), noticed)


@router.get("/articles/{key}", summary="Show an article", dependencies=[allowed(Action.READ_ARTICLES)])
async def show(noticed: OfStored, session: Reading, key: PathKey, language: InLanguage = None) -> ArticleShape:
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
    session: Writing, actor: Caller, context: Context, key: PathKey, language: InLanguage = None
) -> ArticleShape:
    """Takes it away from customers; its versions stay."""
    tongue = await language_of(session, key, language)
    return shape(await articles.archive_article(session, key, tongue, made(actor, context)))


@router.post("/articles/{key}/publish", summary="Publish an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def publish(
    noticed: OfStored,
    session: Writing,
    actor: Caller,
    context: Context,
    key: PathKey,
    body: Publication | None = None,
    language: InLanguage = None,
) -> ArticleShape:
    """Gives the newest version to customers, in every process within two seconds; `at`: from then on.

    With KEFU_FOUR_EYES whoever wrote it gets 403.
    """
    tongue = await language_of(session, key, language)
    wanted = body or Publication()
    published = await articles.publish_article(
        session, key, tongue, made(actor, context), version=wanted.version, at=wanted.at
    )
    return shape(published, noticed)


def made(actor: Actor, context: ApiContext, note: str | None = None) -> Edit:
    """Who changes something now, by the shop's rule about it."""
    return Edit(actor.name, context.clock.now(), note, context.settings.four_eyes)


async def language_of(session: ReadSession, key: str, asked: str | None) -> str:
    return asked or (await articles.get_article(session, key)).article.language


def shape(stored: StoredArticle, noticed: Sequence[Notice] = ()) -> ArticleShape:
    return ArticleShape.model_validate(article_shape(stored, noticed))
