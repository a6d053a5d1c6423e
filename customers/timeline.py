"""What happened between a customer and the shop, as far as this room knows; `admin` adds what was said and cases."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.database import ReadSession
from customers.models import Consent, Customer, CustomerNote, Order
from customers.segment_models import SegmentMove


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline. `kind` names what it is, `data` the facts that go with it."""

    at: datetime
    kind: str
    text: str | None = None
    actor: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


async def list_happenings(session: ReadSession, customer_id: int, limit: int = 500) -> list[Happening]:
    """Orders, consents, notes and moves, newest first."""
    return newest_first([found async for found in _all(session, customer_id, limit)])[:limit]


def newest_first(happenings: Iterable[Happening]) -> list[Happening]:
    return sorted(happenings, key=lambda happening: happening.at, reverse=True)


async def _all(session: ReadSession, customer_id: int, limit: int) -> AsyncIterator[Happening]:
    customer = await session.get(Customer, customer_id)
    if customer is not None:
        yield Happening(customer.created_at, "customer")
    for order in await session.scalars(_newest(Order, customer_id, limit)):
        for happening in _order(order):
            yield happening
    for consent in await session.scalars(_newest(Consent, customer_id, limit)):
        data = {"kind": consent.kind.value, "given": consent.given, "by_customer": consent.by_customer}
        yield Happening(consent.at, "consent", consent.source, data=data)
    for note in await session.scalars(_newest(CustomerNote, customer_id, limit)):
        yield Happening(note.at, note.kind.value, note.text, note.actor)
    for move in await session.scalars(_newest(SegmentMove, customer_id, limit)):
        yield Happening(move.at, move.what, data={"before": move.before, "after": move.after, "rule": move.rule})


def _newest(model: Any, customer_id: int, limit: int) -> Any:
    return select(model).where(model.customer_id == customer_id).order_by(model.id.desc()).limit(limit)


def _order(order: Order) -> Iterable[Happening]:
    facts = {"order": order.external_id, "amount_minor": order.amount_minor, "currency": order.currency}
    yield Happening(order.placed_at or order.created_at, "order", order.product, data=facts)
    if order.delivered_at is not None:
        yield Happening(order.delivered_at, "delivered", order.product, data={"order": order.external_id})
