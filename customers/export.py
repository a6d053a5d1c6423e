"""All that is known of a customer, as one JSON document. Read off the metadata, so that no table is forgotten."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

from core.database import Base, Database, ReadSession
from customers import belongings, service
from customers.blanking import key_of, raw
from staff import audit

#: What opens doors or is only about how rows are worked on.
_LEFT_OUT = frozenset({"code_hash", "token_hash", "claim", "fingerprint", "lease_until", "dedupe_key", "version"})
_MOST_ROWS = 50_000


async def take_copy(database: Database, customer_id: int, *, by: str, now: datetime) -> dict[str, Any]:
    """`export_customer` for whoever `by` is; the audit book says so before anybody has it. Raises CustomerNotFound."""
    async with database.read() as session:
        known = await export_customer(session, customer_id, now)
    thing = f"customer:{known['customer']['id']}"
    async with database.write() as session:
        audit.record(session, actor=by, action="customers.export", object=thing, now=now)
    return known


async def export_customer(session: ReadSession, customer_id: int, now: datetime) -> dict[str, Any]:
    """`{"exported_at", "customer": {...}, "tables": {name: [row]}}`. Raises CustomerNotFound.

    Where a table holds more rows than a file can, the first are there, and `"cut"` names the table.
    """
    customer = await service.get_customer(session, customer_id)
    tables: dict[str, list[dict[str, Any]]] = {}
    cut: list[str] = []
    for table in belongings.links(Base.metadata):
        columns = [column for column in table.columns if column.name not in _LEFT_OUT]
        query = select(*map(raw, columns)).where(belongings.of_customers(table, [customer.id]))
        rows = (await session.execute(query.order_by(key_of(table)).limit(_MOST_ROWS + 1))).mappings()
        if listed := [{name: plain(value) for name, value in row.items()} for row in rows]:
            tables[table.name] = listed[:_MOST_ROWS]
            cut += [table.name] if len(listed) > _MOST_ROWS else []
    (own,) = tables.pop(belongings.CUSTOMER)
    known = {"exported_at": now.isoformat(), "customer": own, "tables": tables}
    return known | {"cut": cut} if cut else known


def plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case datetime():
            return value.isoformat()
        case StrEnum():
            return value.value
        case bytes():
            return value.decode("utf-8", "replace")
        case BaseModel():
            return value.model_dump(mode="json")
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return value
