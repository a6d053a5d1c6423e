"""What the shop knows: articles, their drafts and what customers get; and what a search would show."""

import time
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, AwareDatetime, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Body, Cursor, Language, Limit, Line, Text, plain_line
from admin.api.shapes.article import ArticleShape, SearchShape
from admin.api.writing import ApiRoute, Writing
from core.database import ReadSession
from core.ids import MAX_ID
from knowledge_base import articles, repository
from knowledge_base.articles import Edit, StoredArticle
from knowledge_base.content import LONGEST_QUESTION, MOST_PHRASINGS, checked
from knowledge_base.repository import ArticleFilter
from knowledge_base.shapes import article_shape, search_shape
from knowledge_base.values import ArticleStatus, Audience, SearchContext
from staff.permissions import Action

router = APIRouter(tags=["articles"], route_class=ApiRoute)

_LIST = "articles"
Tongue = Literal["zh", "en"]
InLanguage = Annotated[Tongue | None, Query(description="Default: the language it was first written in.")]
PathKey = Annotated[
    str, AfterValidator(plain_line), Path(min_length=1, max_length=200, alias="key", examples=["shipping-time"])
]
Version = Annotated[int, Field(ge=1, le=MAX_ID, description="The one that you read; an old one: 409.")]
#: A question as somebody may ask it.
_Wording = Annotated[str, AfterValidator(plain_line), Field(min_length=1, max_length=LONGEST_QUESTION)]
_Answer = Annotated[Text, Field(min_length=1, examples=["下单后 24 小时内发货，2 到 4 天送到。"])]


class _Words(Body):
    """What an article says, and what governs it; the form that `ArticleContent` checks."""

    phrasings: list[_Wording] = Field(default=[], max_length=MOST_PHRASINGS)
    category: str = Field(default="", max_length=200)
    tags: list[Line] = Field(default=[], max_length=50)
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    audience: Audience = Audience.CUSTOMER
    complaint_topic: bool = False
    related: list[Line] = Field(default=[], max_length=20)


class NewArticle(_Words):
    """A draft, unless `status` says that it is to be published at once."""

    key: Annotated[Line, Field(examples=["shipping-time"])]
    language: Tongue
    question: Annotated[_Wording, Field(examples=["多久能送到？"])]
    answer: _Answer
    status: Literal["draft", "review", "published"] = "draft"
    note: Annotated[Text, Field(max_length=500)] | None = None


class ArticlePatch(_Words):
    """What is not named stays."""

    version: Version
    question: _Wording = ""
    answer: _Answer = ""
    status: Literal["draft", "review"] = "draft"
    note: Annotated[Text, Field(max_length=500)] | None = None


class Publication(Body):
    version: Version | None = None


@router.get("/search", summary="Ask what the bot would answer", dependencies=[allowed(Action.SEARCH)])
async def search(
    context: Context,
    q: Annotated[
        Text, Query(min_length=1, max_length=2000, examples=["什么时候发货"], description="What a customer writes.")
    ],
    language: Annotated[Language | None, Query(description="The customer's; default: that of the text.")] = None,
) -> SearchShape:
    """The same as `kefu ask --json`."""
    began = time.perf_counter()
    result = await context.knowledge.search(q, SearchContext(language))
    return SearchShape.model_validate(search_shape(result, (time.perf_counter() - began) * 1000))


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
    """Each in its newest version, in the order in which they were made."""
    wanted = ArticleFilter(text=q, status=status, category=category, language=language)
    rows = await repository.list_articles(session, wanted, limit + 1, decode_cursor(_LIST, cursor))
    shown, next_cursor = one_page(rows, limit, _LIST, lambda row: row[0].id)
    return Page(items=_shapes([StoredArticle(*row) for row in shown]), next_cursor=next_cursor)


@router.post("/articles", status_code=201, summary="Write an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def create(session: Writing, actor: Caller, context: Context, body: NewArticle) -> ArticleShape:
    """A draft unless told. There is one with this key in this language: 409."""
    content = checked(body.model_dump(exclude={"key", "language", "status", "note"}))
    edit = Edit(actor.name, context.clock.now(), body.note)
    status = ArticleStatus(body.status)
    return _shape(await articles.create_article(session, body.key, body.language, content, edit, status))


@router.get("/articles/{key}", summary="Show an article", dependencies=[allowed(Action.READ_ARTICLES)])
async def show(session: Reading, key: PathKey, language: InLanguage = None) -> ArticleShape:
    return _shape(await articles.get_article(session, key, language))


@router.patch("/articles/{key}", summary="Edit an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def edit(
    session: Writing, actor: Caller, context: Context, key: PathKey, body: ArticlePatch, language: InLanguage = None
) -> ArticleShape:
    """Makes a draft; customers keep what is published until that is published too."""
    changes = body.model_dump(exclude={"version", "status", "note"}, exclude_unset=True)
    tongue = await _language_of(session, key, language)
    made_by = Edit(actor.name, context.clock.now(), body.note)
    status = ArticleStatus(body.status)
    return _shape(await articles.edit_article(session, key, tongue, body.version, changes, made_by, status))


@router.delete("/articles/{key}", summary="Archive an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def archive(
    session: Writing, actor: Caller, context: Context, key: PathKey, language: InLanguage = None
) -> ArticleShape:
    """Takes it away from customers; its versions stay."""
    tongue = await _language_of(session, key, language)
    return _shape(await articles.archive_article(session, key, tongue, Edit(actor.name, context.clock.now())))


@router.post("/articles/{key}/publish", summary="Publish an article", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def publish(
    session: Writing,
    actor: Caller,
    context: Context,
    key: PathKey,
    body: Publication | None = None,
    language: InLanguage = None,
) -> ArticleShape:
    """Gives the newest version to customers, in every process within two seconds."""
    tongue = await _language_of(session, key, language)
    version = body.version if body else None
    made_by = Edit(actor.name, context.clock.now())
    four_eyes = context.settings.four_eyes
    return _shape(await articles.publish_article(session, key, tongue, made_by, version=version, four_eyes=four_eyes))


async def _language_of(session: ReadSession, key: str, asked: str | None) -> str:
    return asked or (await articles.get_article(session, key)).article.language


def _shape(stored: StoredArticle) -> ArticleShape:
    return ArticleShape.model_validate(article_shape(stored))


def _shapes(stored: Sequence[StoredArticle]) -> list[ArticleShape]:
    return [_shape(one) for one in stored]
