"""Rows of many people in which one may be quoted: kept answers of the API, raw events that nobody could read."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table, select
from sqlalchemy.sql.schema import Column

from core.database import ReadSession
from customers import belongings
from customers.blanking import erases, key_of, raw
from customers.models import ChannelIdentity, Customer, Order

AT_ONCE = 200
#: A shorter word is everybody's.
_SHORTEST = 5
_MOST_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Words:
    """`names`: what the person is known by. `said`: also everything that they said, or that was said to them."""

    names: frozenset[str]
    said: frozenset[str]


def quoting_columns(metadata: MetaData) -> Iterator[Column[Any]]:
    for table in metadata.tables.values():
        yield from (column for column in table.columns if belongings.holds(column) == "quotes")


async def words_of(session: ReadSession, metadata: MetaData, ids: Collection[int]) -> Words:
    """What one would look for to find the person in other people's rows."""
    names = frozenset(word for word in await _names(session, ids) if len(word) >= _SHORTEST)
    said = set(names)
    for table in belongings.links(metadata):
        columns = [column for column in table.columns if erases(column) and belongings.holds(column) != "quotes"]
        if columns and len(said) < _MOST_WORDS:
            query = select(*map(raw, columns)).where(belongings.of_customers(table, ids)).limit(_MOST_WORDS)
            for row in await session.execute(query):
                said.update(word for value in row for word in _words(value) if len(word) >= _SHORTEST)
    return Words(names, frozenset(said))


async def _names(session: ReadSession, ids: Collection[int]) -> set[str]:
    fields = (Customer.external_id, Customer.name, Customer.phone, Customer.email)
    found: set[str] = set()
    for query in (
        select(*fields).where(Customer.id.in_(ids)),
        select(ChannelIdentity.external_id).where(ChannelIdentity.customer_id.in_(ids)),
        select(Order.external_id).where(Order.customer_id.in_(ids)),
    ):
        found.update(value for row in await session.execute(query) for value in row if value)
    return found


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)
    elif hasattr(value, "model_dump"):
        yield from _words(value.model_dump(mode="json"))


async def find_quoting(session: ReadSession, column: Column[Any], words: Words, after: Any) -> tuple[list[Any], Any]:
    """Keys of the next rows that quote the person, and the key to go on from, None at the end.

    Raw events are looked through for names alone: two people may say the same words.
    """
    key = key_of(column.table)
    query = select(key, raw(column)).order_by(key).limit(AT_ONCE)
    rows = (await session.execute(query if after is None else query.where(key > after))).all()
    wanted = words.said if isinstance_bytes(column) else words.names
    found = [row[0] for row in rows if _quotes(row[1], wanted)]
    return found, rows[-1][0] if rows else None


def isinstance_bytes(column: Column[Any]) -> bool:
    return bool(column.type.python_type is bytes)


def _quotes(value: Any, words: Collection[str]) -> bool:
    if value is None:
        return False
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False)
    return any(word in text or json.dumps(word, ensure_ascii=False)[1:-1] in text for word in words)


def table_of(column: Column[Any]) -> Table:
    table = column.table
    assert isinstance(table, Table)
    return table
