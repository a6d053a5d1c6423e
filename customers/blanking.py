"""Taking a person out of rows: a table at a time, a few hundred rows at a time. Nothing here commits."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Enum,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    case,
    cast,
    delete,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.sql.schema import Column
from sqlalchemy.types import TypeDecorator

from core.columns import Json, JsonColumn
from core.database import WriteSession
from core.files import FileStore
from customers import belongings

AT_ONCE = 200
_ERASED = "erased-"


@dataclass(frozen=True, slots=True)
class Blanked:
    """What was done to some rows of one table. `last`: the key to go on from, None at the end."""

    rows: int
    last: Any


def is_text(column: Column[Any]) -> bool:
    """Whether the column may hold a person's words: text, JSON, bytes; not an enum, a number, an instant."""
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, Enum):
        return False
    return isinstance(kind, String | JSON | LargeBinary) or isinstance(column.type, Json)


def erases(column: Column[Any]) -> bool:
    """Whether the column is blanked: because it is marked so, or nobody has said what is to become of its text."""
    mark = belongings.personal(column)
    return mark == "erase" or (mark is None and is_text(column) and not column.foreign_keys and not column.primary_key)


def raw(column: Column[Any]) -> ColumnElement[Any]:
    """The column as it is stored: JSON that no longer fits its model must not keep a person from being erased."""
    return type_coerce(column, JsonColumn).label(column.name) if isinstance(column.type, Json) else column


def is_deleted(table: Table) -> bool:
    return table.info.get("personal") == "delete"


def key_of(table: Table) -> Column[Any]:
    (key,) = table.primary_key.columns
    return key


def blank(column: Column[Any]) -> Any:
    """What stands in place of what was there: nothing; where something must be, as little as may be."""
    if column.nullable:
        return None
    if _is_unique(column):
        return literal(_ERASED) + cast(key_of(column.table), String)
    default: Any = column.default
    if default is not None and default.is_callable:
        return default.arg(None)
    if isinstance(column.type, LargeBinary):
        return b""
    return "" if isinstance(column.type, String) else type_coerce({}, JsonColumn)


def _is_unique(column: Column[Any]) -> bool:
    constraints = (c for c in column.table.constraints if isinstance(c, UniqueConstraint))
    return bool(column.unique) or any(column.name in constraint.columns for constraint in constraints)


async def blank_some(
    session: WriteSession, table: Table, of: ColumnElement[bool], after: Any, files: FileStore | None
) -> Blanked:
    """Blanks or deletes the next rows for which `of` holds; files of the rows go first."""
    key = key_of(table)
    query = select(key).where(of).order_by(key).limit(AT_ONCE)
    keys = list(await session.scalars(query if after is None else query.where(key > after)))
    if not keys:
        return Blanked(0, None)
    if files is not None and any(belongings.holds(column) == "file" for column in table.columns):
        for file_id in keys:
            files.remove(str(file_id))
    await blank_rows(session, table, keys)
    return Blanked(len(keys), keys[-1])


def _closed(column: Column[Any]) -> Any:
    """What was still to be done for the person is not done any more."""
    return case(*((column == before, after) for before, after in column.info["erased_as"].items()), else_=column)


async def blank_rows(session: WriteSession, table: Table, keys: Collection[Any]) -> None:
    chosen = key_of(table).in_(keys)
    values = {column.name: blank(column) for column in table.columns if erases(column)}
    values |= {column.name: _closed(column) for column in table.columns if "erased_as" in column.info}
    if is_deleted(table):
        await session.execute(delete(table).where(chosen))
    elif values:
        await session.execute(update(table).where(chosen).values(values))


def erasable(table: Table) -> bool:
    return is_deleted(table) or any(erases(column) for column in table.columns)


def in_order(tables: Collection[Table]) -> Iterator[Table]:
    """What is found by address while the addresses are there; then the addresses, so that nothing new comes in; then
    children before their parents, and the customer last."""
    by_address = [t for t in tables if any(belongings.holds(c) == "address" for c in t.columns)]
    last = [t for t in tables if t.name == belongings.CUSTOMER]
    identity = [t for t in tables if t.name == belongings.IDENTITY]
    rest = [t for t in tables if t not in (*by_address, *identity, *last)]
    children_first = rest[::-1]
    yield from (*by_address, *identity, *filter(is_deleted, children_first))
    yield from (*(table for table in children_first if not is_deleted(table)), *last)
