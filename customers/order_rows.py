"""One batch of orders from a file: compared with what is there, then written. Nothing here commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.database import ReadSession, WriteSession
from customers import erased
from customers.customer_form import Key
from customers.customer_rows import find_customers
from customers.models import Customer, Order
from customers.order_form import OrderRow


@dataclass(slots=True)
class Choice:
    """What becomes of one row. `order` None: a new one; `buyer` None: a customer nobody knew. `reason`: left out."""

    row: OrderRow
    order: Order | None = None
    buyer: Customer | None = None
    values: dict[str, Any] = field(default_factory=dict)
    column: str | None = None
    reason: str | None = None

    @property
    def is_change(self) -> bool:
        return self.order is None or bool(self.values)


@dataclass(frozen=True, slots=True)
class _There:
    orders: Mapping[str, Order]
    owners: Mapping[int, Customer]
    by_number: Mapping[str, Sequence[Customer]]
    by_phone: Mapping[str, Sequence[Customer]]
    erased: frozenset[str]


async def decide_batch(session: ReadSession, rows: Sequence[OrderRow], lock: bool = False) -> list[Choice]:
    """What becomes of each row. `lock`: the orders are about to be written."""
    there = await _read(session, rows, lock)
    return [_decide(row, there) for row in rows]


async def _read(session: ReadSession, rows: Sequence[OrderRow], lock: bool) -> _There:
    query = select(Order).where(Order.external_id.in_({row.external_id for row in rows})).order_by(Order.id)
    found = await session.scalars(query.with_for_update() if lock else query)
    orders = {order.external_id: order for order in found}
    numbers = {row.customer_external_id for row in rows if row.customer_external_id}
    phones = {row.customer_phone for row in rows if row.customer_phone}
    return _There(
        orders=orders,
        owners=await _owners(session, {order.customer_id for order in orders.values()}),
        by_number=await find_customers(session, Key.EXTERNAL_ID, numbers),
        by_phone=await find_customers(session, Key.PHONE, phones),
        erased=frozenset(await erased.find_erased(session, [key for row in rows for key in _keys_of(row)])),
    )


async def _owners(session: ReadSession, ids: set[int]) -> dict[int, Customer]:
    return {customer.id: customer for customer in await session.scalars(select(Customer).where(Customer.id.in_(ids)))}


def _keys_of(row: OrderRow) -> list[str]:
    buyer = {"external_id": row.customer_external_id, "phone": row.customer_phone}
    return [*erased.keys_of(buyer), f"order:{row.external_id}"]


def _decide(row: OrderRow, there: _There) -> Choice:
    if not there.erased.isdisjoint(_keys_of(row)):
        return Choice(row, column="customer_external_id", reason="belongs to somebody who asked to be forgotten")
    order = there.orders.get(row.external_id)
    buyer, trouble = _buyer(row, there)
    if trouble is not None and order is None:
        return Choice(row, column=trouble[0], reason=trouble[1])
    if order is None:
        return Choice(row, None, buyer, dict(row.facts))
    if _is_anothers(row, buyer, there.owners[order.customer_id]):
        return Choice(row, column="external_id", reason="is known as the order of another customer")
    return Choice(row, order, buyer, {n: v for n, v in row.facts.items() if getattr(order, n) != v})


def _is_anothers(row: OrderRow, buyer: Customer | None, owner: Customer) -> bool:
    """Whether the row names somebody else than the order's owner; an unknown number is somebody else's, too."""
    if buyer is not None:
        return buyer.id != (owner.merged_into_id or owner.id)
    return None not in (row.customer_external_id, owner.external_id)


def _buyer(row: OrderRow, there: _There) -> tuple[Customer | None, tuple[str, str] | None]:
    """The known customer, if any, and what is wrong when nobody can be named."""
    if row.customer_external_id:
        found = there.by_number.get(row.customer_external_id) or _unnumbered(row, there)
        return (found[0] if found else None), None
    if not row.customer_phone:
        return None, ("customer_external_id", "is empty, and so is customer_phone: whose order is it?")
    found = there.by_phone.get(row.customer_phone, ())
    if len(found) > 1:
        return None, ("customer_phone", f"belongs to {len(found)} customers: say customer_external_id")
    return (found[0] if found else None), None


def _unnumbered(row: OrderRow, there: _There) -> Sequence[Customer]:
    """The one customer with this phone whom the shop had no number for yet."""
    found = there.by_phone.get(row.customer_phone or "", ())
    return found if len(found) == 1 and found[0].external_id is None else ()


async def store_batch(session: WriteSession, choices: Sequence[Choice], now: datetime) -> list[int]:
    """Writes what is new or changed, with customers nobody knew; the ids of the customers that the batch names."""
    accepted = [choice for choice in choices if choice.reason is None]
    newcomers = _newcomers(accepted, now)
    session.add_all(newcomers.values())
    await session.flush()
    for choice in accepted:
        _write(session, choice, newcomers, now)
    await session.flush()
    return list({choice.order.customer_id for choice in accepted if choice.order is not None})


def _newcomers(choices: Iterable[Choice], now: datetime) -> dict[str, Customer]:
    """A customer for each buyer nobody knew, by what the file calls them."""
    made: dict[str, Customer] = {}
    for choice in choices:
        row = choice.row
        if choice.order is None and choice.buyer is None:
            made.setdefault(
                _name_of(row),
                Customer(
                    external_id=row.customer_external_id,
                    phone=row.customer_phone,
                    phone_proven=row.customer_phone is not None,
                    created_at=now,
                    updated_at=now,
                    chosen=[],
                ),
            )
    return made


def _name_of(row: OrderRow) -> str:
    return f"number {row.customer_external_id}" if row.customer_external_id else f"phone {row.customer_phone}"


def _write(session: WriteSession, choice: Choice, newcomers: Mapping[str, Customer], now: datetime) -> None:
    buyer = choice.buyer or newcomers.get(_name_of(choice.row))
    if buyer is not None and buyer.external_id is None and choice.row.customer_external_id:
        buyer.external_id, buyer.updated_at = choice.row.customer_external_id, now
    if choice.order is None:
        assert buyer is not None
        choice.order = Order(
            external_id=choice.row.external_id,
            customer_id=buyer.id,
            imported=True,
            created_at=now,
            updated_at=now,
            **choice.values,
        )
        session.add(choice.order)
    elif choice.values:
        for name, value in choice.values.items():
            setattr(choice.order, name, value)
        choice.order.updated_at = now
