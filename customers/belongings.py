"""Which rows belong to a customer: read off the foreign keys, so that a new table is never forgotten.

A row belongs to a customer when it points at them, at a row that belongs to them, or holds an address of theirs (a
column marked ADDRESS). A key marked NONE (`core.columns`) merely mentions somebody; a self-reference leads nowhere new.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter

from sqlalchemy import ColumnElement, MetaData, Table, exists, or_, select
from sqlalchemy.sql.schema import Column

CUSTOMER = "customer"
IDENTITY = "channel_identity"
_MENTION = "none"


@dataclass(frozen=True, slots=True)
class Link:
    """A way along which belonging goes: `column` of one table to `target` of another. `by_address`: see above."""

    column: Column[object]
    target: Column[object]
    by_address: bool = False


def personal(column: Column[object]) -> str | None:
    """How the column is marked: erase, keep, none, or not at all."""
    mark = column.info.get("personal")
    return None if mark is None else str(mark)


def holds(column: Column[object]) -> str | None:
    """What is special about what the column holds: address, quotes, file."""
    return column.info.get("holds")


def links(metadata: MetaData) -> dict[Table, tuple[Link, ...]]:
    """Each table with rows that belong to customers, parents before their children."""
    return _links(metadata, len(metadata.tables))


@cache
def _links(metadata: MetaData, _tables: int) -> dict[Table, tuple[Link, ...]]:
    # The number of tables is part of the key: more of them may have been imported since.
    found = {table: tuple(_all_links(table)) for table in metadata.tables.values()}
    owned = {metadata.tables[CUSTOMER]}
    while grown := {t for t, out in found.items() if any(link.target.table in owned for link in out)} - owned:
        owned |= grown
    kept = {t: tuple(link for link in out if link.target.table in owned) for t, out in found.items() if t in owned}
    order = TopologicalSorter({t: {link.target.table for link in out} for t, out in kept.items()})
    return {table: kept[table] for table in order.static_order()}


def _all_links(table: Table) -> Iterator[Link]:
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table is not table and personal(column) != _MENTION:
                yield Link(column, key.column)
        if holds(column) == "address" and IDENTITY in table.metadata.tables:
            yield Link(column, table.metadata.tables[IDENTITY].c.external_id, by_address=True)


def of_customers(table: Table, ids: Collection[int]) -> ColumnElement[bool]:
    """The condition that picks the rows of `table` that belong to one of these customers."""
    if table.name == CUSTOMER:
        return table.c.id.in_(ids)
    return or_(*(_along(link, ids) for link in links(table.metadata)[table]))


def _along(link: Link, ids: Collection[int]) -> ColumnElement[bool]:
    parent = link.target.table
    if parent.name == CUSTOMER:
        return link.column.in_(ids)
    if link.by_address:
        account = link.column.table.c["account"]
        same = (parent.c["account"] == account) & (link.target == link.column)
        return exists().where(same, of_customers(parent, ids))
    return link.column.in_(select(link.target).where(of_customers(parent, ids)))


def direct(metadata: MetaData) -> Iterator[Column[object]]:
    """Every column that points at a customer and moves with a merge."""
    for table, out in links(metadata).items():
        if table.name != CUSTOMER:
            to_customer = (link.column for link in out if link.target.table.name == CUSTOMER)
            yield from (column for column in to_customer if not column.info.get("stays"))
