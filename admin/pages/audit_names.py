"""Names in place of the numbers that the audit book keeps: whose case, which team, which order."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from core.database import ReadSession
from customers.models import Order
from staff.models import Agent, AuditEntry, Team

#: By field: the number, and what stands for it.
_CALLED: Mapping[str, tuple[InstrumentedAttribute[int], InstrumentedAttribute[str]]] = {
    "assignee_id": (Agent.id, Agent.name),
    "team_id": (Team.id, Team.name),
    "order_id": (Order.id, Order.external_id),
}
#: Each field's numbers and what they are called.
Names = Mapping[str, Mapping[int, str]]


async def names_in(session: ReadSession, entries: Iterable[AuditEntry]) -> Names:
    """Of everything that `entries` number; what is no longer there has no name."""
    numbers: dict[str, set[int]] = {}
    for entry in entries:
        for field in entry.changes.keys() & _CALLED.keys():
            numbers.setdefault(field, set()).update(_numbers(entry.changes[field]))
    return {field: await _called(session, field, wanted) for field, wanted in numbers.items()}


def named(names: Names, field: str, value: Any) -> Any:
    """What the number `value` of `field` is called; anything else as it is."""
    return names.get(field, {}).get(value, value) if isinstance(value, int) else value


def _numbers(values: Iterable[Any]) -> Iterable[int]:
    return (value for value in values if isinstance(value, int))


async def _called(session: ReadSession, field: str, numbers: set[int]) -> dict[int, str]:
    number, name = _CALLED[field]
    return dict((await session.execute(select(number, name).where(number.in_(numbers)))).all())
