"""Ready-made replies with placeholders."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator, BaseModel, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page
from admin.api.fields import Body, ShortLine, Text, plain_line
from admin.api.writing import ApiRoute, Writing
from conversations.desk import canned
from conversations.desk.canned import CannedText
from conversations.desk_models import CannedReply
from staff.permissions import Action

router = APIRouter(prefix="/canned-replies", tags=["staff"], route_class=ApiRoute)

_EDIT = [allowed(Action.EDIT_CANNED)]
_Name = Annotated[
    str, AfterValidator(plain_line), Path(min_length=1, max_length=60, alias="name", examples=["resend"])
]


class Wording(Body):
    zh: Text | None = Field(default=None, examples=["{customer}，{order}这一单给您补发，明天寄出。"])
    en: Text | None = Field(default=None, examples=["We are sending {order} again; it leaves tomorrow."])


class CannedBody(Body):
    """Placeholders: `{customer} {agent} {number} {order}` and the shop's `{shop} {operator} {address} {hours}`."""

    text: Wording
    tags: list[ShortLine] = Field(default=[], max_length=50)


class WordingShape(BaseModel):
    zh: str | None
    en: str | None


class CannedShape(BaseModel):
    name: str = Field(examples=["resend"])
    text: WordingShape
    tags: list[str]
    updated_by: str
    updated_at: datetime


@router.get("", summary="List ready-made replies", dependencies=[allowed(Action.READ_CANNED)])
async def list_replies(session: Reading) -> Page[CannedShape]:
    """All of them, by name."""
    return Page(items=[_shape(reply) for reply in await canned.list_all(session)], next_cursor=None)


@router.put("/{name}", summary="Make or change a ready-made reply", dependencies=_EDIT)
async def save(session: Writing, actor: Caller, context: Context, name: _Name, body: CannedBody) -> CannedShape:
    """An unknown placeholder: 422."""
    text = CannedText(body.text.zh, body.text.en, body.tags)
    return _shape(await canned.save(session, name, text, by=actor.name, now=context.clock.now()))


@router.delete("/{name}", status_code=204, summary="Remove a ready-made reply", dependencies=_EDIT)
async def remove(session: Writing, actor: Caller, context: Context, name: _Name) -> Response:
    await canned.remove(session, name, by=actor.name, now=context.clock.now())
    return Response(status_code=204)


def _shape(reply: CannedReply) -> CannedShape:
    return CannedShape(
        name=reply.name,
        text=WordingShape(zh=reply.zh, en=reply.en),
        tags=reply.tags,
        updated_by=reply.updated_by,
        updated_at=reply.updated_at,
    )
