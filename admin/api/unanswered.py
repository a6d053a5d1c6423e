"""What customers asked and nothing answered, in lasting groups; and answers that were wrong."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from admin.api.article_bodies import Note, Tongue, Wording
from admin.api.articles import made, shape
from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, encode_cursor
from admin.api.fields import Body, Cursor, Limit, Line, PathId, Text
from admin.api.labels import LabelShape
from admin.api.shapes.article import ArticleShape
from admin.api.writing import ApiRoute, Writing
from conversations.agent_answers import find_agent_answer
from conversations.wrong_answers import mark_wrong
from knowledge_base import gap_list
from knowledge_base.gap_list import Draft, Gap
from knowledge_base.values import GroupState
from staff.permissions import Action

router = APIRouter(tags=["unanswered"], route_class=ApiRoute)

_LIST = "unanswered"


class GapShape(BaseModel):
    """Questions that mean the same. `customers`, `hand_overs` and `complaints` make its place in the list."""

    id: int = Field(examples=[7])
    state: GroupState
    language: str = Field(examples=["zh"])
    question: str = Field(description="As the first one asked it.", examples=["能开增值税专用发票吗"])
    phrasings: list[str] = Field(description="Other ways in which it was asked.")
    asked: int = Field(description="How often.")
    customers: int = Field(description="By how many.")
    hand_overs: int = Field(description="How often a person was called for it.")
    complaints: int = Field(description="How often a complaint followed.")
    first_at: datetime
    last_at: datetime
    agent_answer: str | None = Field(description="What a person told one of those who asked, if one did.")
    article: str | None = Field(description="Made or completed from it.")


class NewFromGroup(Body):
    """Without `key`: a draft, with a person's answer unless `answer` is given. `key`: the article for the phrasings."""

    key: Annotated[Line | None, Field(examples=["invoice-fapiao"])] = None
    question: Wording | None = None
    answer: Annotated[Text | None, Field(min_length=1, examples=["可以，下单时选专用发票。"])] = None
    category: Annotated[str | None, Field(max_length=200)] = None
    note: Note | None = None


class Dismissal(Body):
    note: Note | None = None


class Wrong(Body):
    """`article`: the one that answers it; none: nothing in the knowledge base does."""

    article: Annotated[Line | None, Field(examples=["shipping-abroad"])] = None
    note: Note | None = None


@router.get("/unanswered", summary="List unanswered questions", dependencies=[allowed(Action.READ_ARTICLES)])
async def list_unanswered(
    session: Reading,
    state: Annotated[GroupState, Query()] = GroupState.OPEN,
    language: Annotated[Tongue | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[GapShape]:
    """The weightiest first: how many customers asked, and what it cost in hand-overs and complaints."""
    skip = decode_cursor(_LIST, cursor) or 0
    found = await gap_list.list_gaps(session, state, language, limit + 1, skip)
    more = encode_cursor(_LIST, skip + limit) if len(found) > limit else None
    items = [_shape(gap, await find_agent_answer(session, gap.group.id)) for gap in found[:limit]]
    return Page(items=items, next_cursor=more)


@router.post(
    "/unanswered/{id}/article",
    summary="Make an article of unanswered questions",
    status_code=201,
    responses={200: {"model": ArticleShape, "description": "An article got the phrasings."}},
    dependencies=[allowed(Action.EDIT_ARTICLES)],
)
async def make_article(
    session: Writing,
    actor: Caller,
    context: Context,
    group_id: PathId,
    response: Response,
    body: NewFromGroup | None = None,
) -> ArticleShape:
    """A draft with the group's wordings, or a draft of the article `key` with them as phrasings."""
    wanted = body or NewFromGroup()
    edit = made(actor, context, wanted.note)
    if wanted.key is not None:
        response.status_code = 200
        return shape(await gap_list.add_to_article(session, group_id, wanted.key, edit))
    answer = wanted.answer or await find_agent_answer(session, group_id)
    draft = Draft(wanted.question, answer, wanted.category)
    return shape(await gap_list.make_article(session, group_id, draft, edit))


@router.post(
    "/unanswered/{id}/dismiss", summary="Dismiss unanswered questions", dependencies=[allowed(Action.EDIT_ARTICLES)]
)
async def dismiss(
    session: Writing, actor: Caller, context: Context, group_id: PathId, body: Dismissal | None = None
) -> GapShape:
    """The group stays away, also when more customers ask the like."""
    edit = made(actor, context, body.note if body else None)
    return _shape(await gap_list.dismiss(session, group_id, edit), None)


@router.post("/messages/{id}/wrong", summary="Mark a wrong answer", dependencies=[allowed(Action.MARK_WRONG)])
async def wrong(
    session: Writing, actor: Caller, context: Context, message_id: PathId, body: Wrong | None = None
) -> LabelShape:
    """The bot's answer was wrong: the question is labelled. Without `article` it counts as unanswered too."""
    said = body or Wrong()
    label = await mark_wrong(session, message_id, said.article, made(actor, context, said.note))
    return LabelShape.model_validate(label, from_attributes=True)


def _shape(gap: Gap, agent_answer: str | None) -> GapShape:
    group = gap.group
    return GapShape(
        id=group.id,
        state=group.state,
        language=group.language,
        question=gap.question,
        phrasings=list(gap.wordings[1:]),
        asked=gap.asked,
        customers=gap.customers,
        hand_overs=gap.hand_overs,
        complaints=gap.complaints,
        first_at=gap.first_at,
        last_at=gap.last_at,
        agent_answer=agent_answer,
        article=group.article,
    )
