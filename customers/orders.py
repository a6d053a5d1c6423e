"""Orders, known by the shop's own numbers. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from core import signals
from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput, NotFound
from customers import erased, service
from customers.models import Customer, Order
from customers.parcels import ParcelFacts
from customers.profile import ProfileChanges
from customers.values import OrderStatus, Origin

#: What an order may say beside its number and its customer.
FACTS = (
    "product", "items", "category", "amount_minor", "currency", "status", "carrier", "tracking_no", "placed_at",
    "expected_at", "delivered_at", "region", "channel",
)  # fmt: skip


class OrderNotFound(NotFound):
    code = "order_not_found"


class OrderOfAnother(Conflict):
    """The order belongs to another customer already."""

    code = "order_of_another"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose order it is, by the shop's number or by phone (E.164)."""

    external_id: str | None = None
    phone: str | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class OrderFilter:
    customer_id: int | None = None
    status: OrderStatus | None = None
    text: str | None = None

    def narrow(self, query: Select[Order]) -> Select[Order]:
        if self.customer_id is not None:
            query = query.where(Order.customer_id == self.customer_id)
        if self.status is not None:
            query = query.where(Order.status == self.status)
        if self.text is not None:
            columns = (Order.external_id, Order.product, Order.tracking_no)
            query = query.where(or_(*(column.icontains(self.text, autoescape=True) for column in columns)))
        return query


async def find_order(session: ReadSession, external_id: str) -> Order | None:
    return await session.scalar(select(Order).where(Order.external_id == external_id))


async def get_order(session: ReadSession, external_id: str) -> Order:
    """Raises OrderNotFound."""
    order = await find_order(session, external_id)
    if order is None:
        raise OrderNotFound(f"there is no order {external_id!r}")
    return order


async def list_orders(
    session: ReadSession, wanted: OrderFilter, before_id: int | None = None, limit: int = 50
) -> list[Order]:
    """Newest first by id; `before_id` is the last id of the page before."""
    query = wanted.narrow(select(Order)).order_by(Order.id.desc()).limit(limit)
    return list(await session.scalars(query if before_id is None else query.where(Order.id < before_id)))


async def list_of_customer(session: ReadSession, customer_id: int, limit: int = 20) -> list[Order]:
    """The newest orders of one customer, the last placed first."""
    query = select(Order).where(Order.customer_id == customer_id)
    return list(await session.scalars(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)))


async def save_order(
    session: WriteSession, external_id: str, buyer: Buyer, facts: dict[str, Any], by: service.Writer, now: datetime
) -> tuple[Order, bool]:
    """Makes or changes the order; True when it is new. `facts` holds names of FACTS; those not given stay.

    Raises:
        OrderOfAnother: it is known as somebody else's.
        erased.WasErased: its customer asked to be forgotten.
        InvalidInput: it says of no customer whose it is.
    """
    await erased.refuse_erased(session, [f"order:{external_id}"])
    order = await find_order(session, external_id)
    if order is None:
        customer = await _ensure_buyer(session, buyer, by, now)
        order = Order(external_id=external_id, customer_id=customer.id, created_at=now, updated_at=now, **facts)
        session.add(order)
        await session.flush()
        session.signal(signals.CUSTOMERS, customer.id)
        return order, True
    await _check_owner(session, order, buyer)
    changed = {name for name, value in facts.items() if getattr(order, name) != value}
    for name in changed:
        setattr(order, name, facts[name])
    if changed:
        order.updated_at = now
        await session.flush()
        session.signal(signals.CUSTOMERS, order.customer_id)
    return order, False


async def _ensure_buyer(session: WriteSession, buyer: Buyer, by: service.Writer, now: datetime) -> Customer:
    known = await find_buyer(session, buyer)
    if known is not None:
        return known
    if buyer.customer_id is not None:
        return await service.get_customer(session, buyer.customer_id)
    if buyer.external_id is None and buyer.phone is None:
        raise InvalidInput("whose order is it?", {"customer_external_id": "or customer_phone is needed"})
    given = {name: value for name, value in (("external_id", buyer.external_id), ("phone", buyer.phone)) if value}
    changes = ProfileChanges.model_validate(given)
    return (await service.create_customer(session, changes, service.Writer(by.name, Origin.IMPORT), now))[0]


async def find_buyer(session: ReadSession, buyer: Buyer) -> Customer | None:
    if buyer.customer_id is not None:
        return await service.find_customer(session, buyer.customer_id)
    if buyer.external_id is not None:
        return await service.find_by_external_id(session, buyer.external_id)
    found = await service.list_by_contact(session, phone=buyer.phone) if buyer.phone else []
    return found[0] if found else None


async def _check_owner(session: ReadSession, order: Order, buyer: Buyer) -> None:
    said = await find_buyer(session, buyer)
    owner = await service.find_customer(session, order.customer_id)
    if said is not None and (owner is None or owner.id != said.id):
        raise OrderOfAnother(f"order {order.external_id!r} belongs to another customer")


def parcel_facts(order: Order) -> ParcelFacts:
    """The order as the pure part that answers "where is my parcel?" reads it."""
    return ParcelFacts(
        order=order.external_id,
        status=order.status,
        carrier=order.carrier,
        tracking_no=order.tracking_no,
        placed_at=order.placed_at,
        expected_at=order.expected_at,
        delivered_at=order.delivered_at,
    )
