"""The book of what was promised and given."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin.api.context import Reading, allowed
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import Cursor, Limit, Line
from admin.api.shapes.compensation import LedgerEntryShape
from admin.api.writing import ApiRoute
from staff.permissions import Action
from tickets import ledger
from tickets.money_models import LedgerEntry

router = APIRouter(prefix="/ledger", tags=["compensation"], route_class=ApiRoute)

_LIST = "ledger"


class LedgerPage(BaseModel):
    """`balance_minor` is the account's; null when none was asked for. Each currency of the whole book sums to zero."""

    items: list[LedgerEntryShape]
    next_cursor: str | None
    balance_minor: int | None = Field(examples=[-1240])


@router.get("", summary="Read the ledger", dependencies=[allowed(Action.READ_LEDGER)])
async def read(
    session: Reading,
    account: Annotated[Line | None, Query(examples=["budget:service:2026-03:CNY"])] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> LedgerPage:
    """Newest first. Accounts: `budget:NAME:MONTH:CUR`, `promised:CUSTOMER:CUR`, `given:CUR`."""
    rows = await ledger.list_entries(session, account, decode_cursor(_LIST, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda entry: entry.id)
    balance = None if account is None else await ledger.balance(session, account)
    return LedgerPage(items=[_shape(entry) for entry in shown], next_cursor=next_cursor, balance_minor=balance)


def _shape(entry: LedgerEntry) -> LedgerEntryShape:
    return LedgerEntryShape(
        id=entry.id,
        account=entry.account,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        compensation=entry.grant_id,
        move=entry.move,
        at=entry.at,
    )
