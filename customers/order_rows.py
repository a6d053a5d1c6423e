"""One batch of orders from a file: compared with what is there, then written. Nothing here commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from core.database import ReadSession, WriteSession
from customers import erased
from customers.customer_form import Key
from customers.customer_rows import find_customers, insert_customers
from customers.models import Customer, Order
from customers.order_form import OrderRow
from customers.orders import FACTS
from customers.values import OrderStatus

#: A new order has every column, so that all of a batch go in with one statement.
_EMPTY: Mapping[str, Any] = {**dict.fromkeys(FACTS), "items": [], "status": OrderStatus.PLACED}


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
    made = await _newcomers(session, [choice.row for choice in accepted if _needs_customer(choice)], now)
    rows: list[dict[str, Any]] = []
    for choice in accepted:
        _number_buyer(choice, now)
        if choice.order is None:
            rows.append(_new(choice, choice.buyer.id if choice.buyer else made[_name_of(choice.row)], now))
        elif choice.values:
            _write(choice.order, choice.values, now)
    await session.flush()
    if rows:
        await session.execute(insert(Order), rows)
    known = {choice.order.customer_id for choice in accepted if choice.order is not None}
    return list(known | {row["customer_id"] for row in rows})


def _needs_customer(choice: Choice) -> bool:
    return choice.order is None and choice.buyer is None


async def _newcomers(session: WriteSession, rows: Iterable[OrderRow], now: datetime) -> dict[str, int]:
    """A customer for each buyer nobody knew: what the file calls them -> id."""
    listed = list(rows)
    numbered = {r.customer_external_id: r.customer_phone for r in listed if r.customer_external_id}
    files = [{"external_id": number, "phone": phone} for number, phone in numbered.items()]
    phones = {row.customer_phone for row in listed if not row.customer_external_id}
    by_number = await insert_customers(session, Key.EXTERNAL_ID, files, now)
    by_phone = await insert_customers(session, Key.PHONE, [{"phone": phone} for phone in phones], now)
    return {f"number {n}": of for n, of in by_number.items()} | {f"phone {p}": of for p, of in by_phone.items()}


def _name_of(row: OrderRow) -> str:
    return f"number {row.customer_external_id}" if row.customer_external_id else f"phone {row.customer_phone}"


def _number_buyer(choice: Choice, now: datetime) -> None:
    """Somebody known by phone alone gets the number that the file tells."""
    buyer = choice.buyer
    if buyer is not None and buyer.external_id is None and choice.row.customer_external_id:
        buyer.external_id, buyer.updated_at = choice.row.customer_external_id, now


def _new(choice: Choice, customer_id: int, now: datetime) -> dict[str, Any]:
    facts = {**_EMPTY, **choice.values}
    names = {"external_id": choice.row.external_id, "customer_id": customer_id}
    return {**facts, **names, "imported": True, "created_at": now, "updated_at": now}


def _write(order: Order, values: Mapping[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(order, name, value)
    order.updated_at = now
