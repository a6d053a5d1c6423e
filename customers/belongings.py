"""Which rows belong to a customer: read off the foreign keys, so that a new table is never forgotten.

A row belongs to a customer when it points at them, or at a row that belongs to them. A key marked NONE (`core.columns`)
merely mentions somebody. A self-reference leads nowhere new.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter

from sqlalchemy import ColumnElement, MetaData, Table, or_, select
from sqlalchemy.sql.schema import Column

CUSTOMER = "customer"
_MENTION = "none"


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key along which belonging goes: `column` of one table to `target` of another."""

    column: Column[object]
    target: Column[object]


def personal(column: Column[object]) -> str | None:
    """How the column is marked: erase, keep, none, or not at all."""
    mark = column.info.get("personal")
    return None if mark is None else str(mark)


@cache
def links(metadata: MetaData) -> dict[Table, tuple[Link, ...]]:
    """Each table with rows that belong to customers, parents before their children."""
    found = {table: tuple(_all_links(table)) for table in metadata.tables.values()}
    owned = {metadata.tables[CUSTOMER]}
    while grown := {
        t for t, out in found.items() if t not in owned and any(link.target.table in owned for link in out)
    }:
        owned |= grown
    kept = {t: tuple(link for link in out if link.target.table in owned) for t, out in found.items() if t in owned}
    order = TopologicalSorter({t: {link.target.table for link in out} for t, out in kept.items()})
    return {table: kept[table] for table in order.static_order()}


def _all_links(table: Table) -> Iterator[Link]:
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table is not table and personal(column) != _MENTION:
                yield Link(column, key.column)


def of_customer(table: Table, customer_id: int) -> ColumnElement[bool]:
    """The condition that picks the rows of `table` that belong to the customer."""
    if table.name == CUSTOMER:
        return table.c.id == customer_id
    return or_(*(_along(link, customer_id) for link in links(table.metadata)[table]))


def _along(link: Link, customer_id: int) -> ColumnElement[bool]:
    parent = link.target.table
    if parent.name == CUSTOMER:
        return link.column == customer_id
    return link.column.in_(select(link.target).where(of_customer(parent, customer_id)))


def direct(metadata: MetaData) -> Iterator[Column[object]]:
    """Every column that points at a customer, but those that merely mention one."""
    for table, out in links(metadata).items():
        if table.name != CUSTOMER:
            yield from (link.column for link in out if link.target.table.name == CUSTOMER)
