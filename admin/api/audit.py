"""The book of who changed which fields of what."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin.api.context import Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Cursor, Limit, Line
from admin.api.writing import ApiRoute
from core.errors import InvalidInput
from core.table_values import read_instant
from staff.audit import AuditFilter, list_entries
from staff.permissions import Action

router = APIRouter(tags=["audit"], route_class=ApiRoute)

_LIST = "audit"
Day = Annotated[Line | None, Query(examples=["2026-11-26", "2026-11-26T08:00:00Z"])]


class AuditShape(BaseModel):
    id: int
    at: datetime
    actor: str = Field(examples=["admin"])
    action: str = Field(examples=["article.edit"])
    object: str = Field(examples=["article:shipping-time:zh"])
    changes: dict[str, list[Any]] = Field(
        description="Each field that changed: before and after; of long texts the beginnings.",
        examples=[{"answer": ["2 天", "3 天"]}],
    )
    note: str | None


@router.get("/audit", summary="Who changed what", dependencies=[allowed(Action.READ_AUDIT)])
async def read_audit(
    session: Reading,
    context: Context,
    actor: Annotated[Line | None, Query(description="Whose doing.", examples=["admin"])] = None,
    object: Annotated[
        Line | None,
        Query(description="A thing, or with `article` or `article:KEY` all that begin so.", examples=["article"]),
    ] = None,
    since: Annotated[Day, Query(alias="from", description="A date in KEFU_TIMEZONE, or RFC 3339.")] = None,
    until: Annotated[Day, Query(alias="to", description="The day is included; an instant is not.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditShape]:
    """Newest first."""
    wanted = AuditFilter(
        actor=actor,
        object=object,
        since=instant_of(context, "from", since),
        until=instant_of(context, "to", until, end_of_day=True),
    )
    rows = await list_entries(session, wanted, limit + 1, before=decode_cursor(_LIST, cursor))
    shown, next_cursor = one_page(rows, limit, _LIST, lambda row: row.id)
    items = [AuditShape.model_validate(row, from_attributes=True) for row in shown]
    return Page(items=items, next_cursor=next_cursor)


def instant_of(context: Context, name: str, text: str | None, *, end_of_day: bool = False) -> datetime | None:
    """A day in the shop's zone, or an instant; None without a text. Raises InvalidInput, which names `name`."""
    try:
        return read_instant(text, context.settings.timezone, end_of_day=end_of_day) if text else None
    except ValueError as error:
        raise InvalidInput(f"{name}: {error}", {name: str(error)}) from None
