"""What happened between a customer and the shop, as far as this room knows; `admin` adds what was said and cases."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from core.database import ReadSession
from customers.models import ChannelIdentity, Consent, Customer, CustomerNote, Order
from customers.privacy_models import Merge
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
    """Orders, consents, notes, channels, merges and moves between segments, newest first."""
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
    for identity in await session.scalars(_newest(ChannelIdentity, customer_id, limit)):
        data = {"account": identity.account, "verified": identity.verified}
        yield Happening(identity.created_at, "channel", identity.display_name, data=data)
    for merge in await session.scalars(_merges(customer_id, limit)):
        data = {"merge": merge.id, "customer": merge.survivor_id, "other": merge.merged_id}
        yield Happening(merge.merged_at, "merge", actor=merge.merged_by, data=data)
        if merge.undone_at is not None:
            yield Happening(merge.undone_at, "merge_undone", data=data)
    for move in await session.scalars(_newest(SegmentMove, customer_id, limit)):
        yield Happening(move.at, move.what, data={"before": move.before, "after": move.after, "rule": move.rule})


def _newest(model: Any, customer_id: int, limit: int) -> Any:
    return select(model).where(model.customer_id == customer_id).order_by(model.id.desc()).limit(limit)


def _merges(customer_id: int, limit: int) -> Select[Merge]:
    is_part = (Merge.survivor_id == customer_id) | (Merge.merged_id == customer_id)
    return select(Merge).where(is_part).order_by(Merge.id.desc()).limit(limit)


def _order(order: Order) -> Iterable[Happening]:
    facts = {"order": order.external_id, "amount_minor": order.amount_minor, "currency": order.currency}
    yield Happening(order.placed_at or order.created_at, "order", order.product, data=facts)
    if order.delivered_at is not None:
        yield Happening(order.delivered_at, "delivered", order.product, data={"order": order.external_id})
