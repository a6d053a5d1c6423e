"""The shop's own labelled questions, and words that mean the same."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, BeforeValidator, Field

from admin.api.article_bodies import Tongue, Wording
from admin.api.articles import made
from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Body, Cursor, Limit, Line, PathId
from admin.api.writing import ApiRoute, Writing
from knowledge_base import labels, synonyms
from knowledge_base.models import LabelledQuestion
from knowledge_base.synonyms import LONGEST_WORD, MOST_GROUPS
from staff.permissions import Action

router = APIRouter(tags=["labels"], route_class=ApiRoute)

_LIST = "labels"


class NewLabel(Body):
    """`article` null: nothing in the knowledge base answers the question."""

    question: Annotated[Wording, Field(examples=["寄到加拿大要几天"])]
    article: Annotated[Line | None, Field(examples=["shipping-canada-usa"])]
    language: Annotated[Tongue | None, Field(description="Default: that of the question.")] = None


class LabelShape(BaseModel):
    id: int = Field(examples=[12])
    question: str = Field(examples=["寄到加拿大要几天"])
    article: str | None = Field(description="Null: nothing in the knowledge base answers it.")
    language: str
    source: str = Field(description="Who labelled it.", examples=["admin"])
    note: str | None
    created_at: datetime


def _words(given: object) -> object:
    """A group may be written as a plain list."""
    return {"words": given} if isinstance(given, list) else given


class SynonymGroup(Body):
    """Words that mean the same; a search takes each for the first."""

    words: Annotated[
        list[Annotated[Line, Field(max_length=LONGEST_WORD)]], Field(min_length=2, examples=[["退款", "退钱"]])
    ]


class SynonymList(Body):
    items: Annotated[list[Annotated[SynonymGroup, BeforeValidator(_words)]], Field(max_length=MOST_GROUPS)]


@router.get("/labels", summary="List labelled questions", dependencies=[allowed(Action.READ_ARTICLES)])
async def list_labels(session: Reading, limit: Limit = 50, cursor: Cursor = None) -> Page[LabelShape]:
    """Oldest first."""
    rows = await labels.find_labels(session, limit + 1, decode_cursor(_LIST, cursor))
    shown, next_cursor = one_page(rows, limit, _LIST, lambda row: row.id)
    return Page(items=[_shape(row) for row in shown], next_cursor=next_cursor)


@router.post("/labels", summary="Label a question", status_code=201, dependencies=[allowed(Action.EDIT_ARTICLES)])
async def add_label(
    session: Writing, actor: Caller, context: Context, body: NewLabel, response: Response
) -> LabelShape:
    """One that is labelled already gets this article instead: 200."""
    label, is_new = await labels.set_label(
        session, body.question, body.article, body.language, made(actor, context), must_exist=True
    )
    if not is_new:
        response.status_code = 200
    return _shape(label)


@router.delete(
    "/labels/{id}", summary="Take a label back", status_code=204, dependencies=[allowed(Action.EDIT_ARTICLES)]
)
async def delete_label(session: Writing, actor: Caller, context: Context, label_id: PathId) -> Response:
    await labels.delete_label(session, label_id, made(actor, context))
    return Response(status_code=204)


@router.get("/synonyms", summary="List words that mean the same", dependencies=[allowed(Action.READ_ARTICLES)])
async def list_synonyms(session: Reading) -> SynonymList:
    return _groups(await synonyms.list_synonyms(session))


@router.put("/synonyms", summary="Say which words mean the same", dependencies=[allowed(Action.EDIT_ARTICLES)])
async def put_synonyms(session: Writing, actor: Caller, context: Context, body: SynonymList) -> SynonymList:
    """The whole list anew; every process searches with it within two seconds."""
    groups = [group.words for group in body.items]
    return _groups(await synonyms.replace_synonyms(session, groups, made(actor, context)))


def _groups(groups: tuple[tuple[str, ...], ...]) -> SynonymList:
    return SynonymList(items=[SynonymGroup(words=list(group)) for group in groups])


def _shape(label: LabelledQuestion) -> LabelShape:
    return LabelShape.model_validate(label, from_attributes=True)
