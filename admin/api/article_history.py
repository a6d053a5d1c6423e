"""The versions of an article: what they say, what changed, and the way back."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from admin.api.article_bodies import InLanguage, PathKey, Rollback
from admin.api.article_notices import OfOlder
from admin.api.article_trials import OfRollback
from admin.api.articles import BEING_CHECKED, language_of, made, shape
from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, encode_cursor
from admin.api.fields import Cursor, Limit
from admin.api.shapes.article import ArticleShape
from admin.api.writing import ApiRoute, Writing
from knowledge_base import history
from knowledge_base.articles import StoredArticle
from knowledge_base.publishing import ask_roll_back
from knowledge_base.values import Audience
from staff.permissions import Action

router = APIRouter(prefix="/articles/{key}", tags=["articles"], route_class=ApiRoute)

_LIST = "versions"
VersionNumber = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


class VersionShape(BaseModel):
    """The words of an article at one moment; `published`: customers get just these now."""

    version: int = Field(examples=[2])
    published: bool
    author: str = Field(examples=["admin"])
    note: str | None = Field(examples=["新的快递公司"])
    at: datetime
    question: str = Field(examples=["多久能送到？"])
    phrasings: list[str]
    answer: str
    category: str
    tags: list[str]
    valid_from: datetime | None
    valid_until: datetime | None
    audience: Audience
    complaint_topic: bool
    related: list[str]
    file: str | None


class ChangeShape(BaseModel):
    field: str = Field(examples=["answer"])
    before: Any
    after: Any
    lines: list[str] = Field(description="A unified diff, without its head.", examples=[["-38元", "+45元"]])


class DiffShape(BaseModel):
    from_version: int = Field(alias="from", examples=[1])
    to_version: int = Field(alias="to", examples=[2])
    changes: list[ChangeShape] = Field(description="The fields that differ.")


@router.get("/versions", summary="List an article's versions", dependencies=[allowed(Action.READ_ARTICLES)])
async def list_versions(
    session: Reading, key: PathKey, language: InLanguage = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[VersionShape]:
    """Newest first."""
    before = decode_cursor(_LIST, cursor)
    found = await history.list_versions(session, key, language)
    rest = [one for one in found if before is None or one.row.version < before]
    shown = rest[:limit]
    more = encode_cursor(_LIST, shown[-1].row.version) if len(rest) > limit else None
    return Page(items=[_version(one) for one in shown], next_cursor=more)


@router.get("/diff", summary="Show what changed between two versions", dependencies=[allowed(Action.READ_ARTICLES)])
async def diff(
    session: Reading,
    key: PathKey,
    first: Annotated[VersionNumber, Query(alias="from", description="Default: what customers get.")] = None,
    second: Annotated[VersionNumber, Query(alias="to", description="Default: the newest.")] = None,
    language: InLanguage = None,
) -> DiffShape:
    compared = await history.compare_versions(session, key, language, first, second)
    changes = [
        ChangeShape(field=one.field, before=one.before, after=one.after, lines=list(one.lines))
        for one in compared.changes
    ]
    return DiffShape.model_validate({"from": compared.first, "to": compared.second, "changes": changes})


@router.post(
    "/rollback",
    summary="Go back to an older version",
    dependencies=[allowed(Action.EDIT_ARTICLES)],
    responses=BEING_CHECKED,
)
async def rollback(
    noticed: OfOlder,
    trial: OfRollback,
    session: Writing,
    actor: Caller,
    context: Context,
    key: PathKey,
    body: Rollback,
    response: Response,
    language: InLanguage = None,
) -> ArticleShape:
    """Publishes its words again, as a new version: nothing of the history is lost. Tried out first as `/publish` is."""
    tongue = await language_of(session, key, language)
    made_by = made(actor, context, body.force_reason or body.note)
    if trial.takes_long:
        response.status_code = 202
        return shape(await ask_roll_back(session, key, tongue, body.version, made_by), noticed)
    await trial.confirm(session)
    return shape(await history.roll_back(session, key, tongue, body.version, made_by), noticed)


def _version(stored: StoredArticle) -> VersionShape:
    row, article = stored.row, stored.article
    facts = {"version": row.version, "author": row.author, "note": row.note, "at": row.at}
    is_published = row.version == article.published_version
    return VersionShape.model_validate({**facts, "published": is_published, **stored.content.model_dump()})
