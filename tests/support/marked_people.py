"""A person of whom every table of the product holds something, each text with a marker in it.

Rows are made from the metadata: a table that is added tomorrow is filled as well, and has to be erased as well.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Boolean, Enum, Float, Integer, LargeBinary, MetaData, Table, bindparam, insert
from sqlalchemy.sql.schema import Column

from conversations.values import Attachment, AttachmentKind, Button
from core.columns import JsonColumn
from core.database import WriteSession
from customers import belongings
from customers.blanking import is_text, key_of
from customers.values import Preferences

WHEN = datetime(2026, 3, 1, tzinfo=UTC)
_NUMBERS = count(1)
#: Values of columns whose JSON has a shape of its own; each takes the marker.
_SHAPED: dict[str, Any] = {
    "message.buttons": lambda marker: [Button(id=marker, label=marker)],
    "message.attachments": lambda marker: [Attachment(kind=AttachmentKind.PHOTO, file_id=None, name=marker)],
    "customer.preferences": lambda marker: Preferences(),
    "customer.tags": lambda marker: [marker],
    "customer.chosen": lambda marker: [],
}
_LEFT_EMPTY = ("merged_into_id", "erased_at", "replaces_id", "reply_to_id")


async def fill_everything(session: WriteSession, metadata: MetaData, marker: str) -> dict[str, Any]:
    """One row in each table that can hold something of a customer; table name -> key. The person's file comes first."""
    keys: dict[str, Any] = {
        "account": await _insert_account(session, metadata),
        "agent": await _insert_agent(session, metadata),
    }
    for table in belongings.links(metadata):
        keys[table.name] = await insert_row(session, table, marker, keys)
    return keys


async def _insert_account(session: WriteSession, metadata: MetaData) -> str:
    table = metadata.tables["account"]
    name = f"telegram:bot{next(_NUMBERS)}"
    await session.execute(insert(table).values(name=name, channel="telegram", data={}, created_at=WHEN))
    return name


async def _insert_agent(session: WriteSession, metadata: MetaData) -> int:
    """A colleague whom rows about the person may name."""
    given = {"name": f"colleague {next(_NUMBERS)}", "role": "agent", "created_at": WHEN}
    number: int = await insert_row(session, metadata.tables["agent"], "none", {}, **given)
    return number


async def insert_row(session: WriteSession, table: Table, marker: str, keys: dict[str, Any], **given: Any) -> Any:
    values = {column.name: _value(column, marker, keys) for column in table.columns if _is_given(column)}
    if table.name == belongings.IDENTITY:
        keys["address"] = values["external_id"]
    return (await session.execute(insert(table).values(**values | given).returning(key_of(table)))).scalar_one()


def _is_given(column: Column[Any]) -> bool:
    if column.name in _LEFT_EMPTY:
        return False
    return not (column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys)


def _value(column: Column[Any], marker: str, keys: dict[str, Any]) -> Any:
    for key in column.foreign_keys:
        return keys.get(key.column.table.name)
    if column.name == "account":
        return keys["account"]
    if belongings.holds(column) == "address":
        return keys["address"]
    if shaped := _SHAPED.get(str(column)):
        return shaped(marker)
    return _plain_value(column, marker)


def _plain_value(column: Column[Any], marker: str) -> Any:
    kind = column.type
    if isinstance(kind, Enum):
        return kind.enums[0] if kind.enum_class is None else next(iter(kind.enum_class))
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return next(_NUMBERS)
    if isinstance(kind, LargeBinary):
        return f"{marker} in bytes".encode()
    if is_text(column):
        return _text_value(column, marker)
    return WHEN


def _text_value(column: Column[Any], marker: str) -> Any:
    """A unique text with the marker, as long as fits; too short a column holds none; JSON holds it in a list."""
    length = getattr(column.type, "length", None)
    if belongings.personal(column) in ("none", "keep"):
        marker = "the-shops-own"  # the shop's own words, which stay
    if not hasattr(column.type, "length"):
        return bindparam(None, {"text": marker, "list": [marker]}, type_=JsonColumn)
    text = f"{marker}-{next(_NUMBERS)}"
    return text if length is None or len(text) <= length else "x" * min(length, 2)
