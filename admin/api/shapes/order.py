"""An order as the API shows it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from core.database import ReadSession
from customers.models import Customer, Order
from customers.values import OrderStatus


class ItemShape(BaseModel):
    name: str
    quantity: int


class OrderShape(BaseModel):
    """`customer` is Kefu's id, `customer_external_id` the shop's own number."""

    external_id: str = Field(examples=["A-1001"])
    customer: int
    customer_external_id: str | None
    product: str | None
    items: list[ItemShape]
    category: str | None
    amount_minor: int | None
    currency: str | None
    status: OrderStatus
    carrier: str | None
    tracking_no: str | None
    placed_at: datetime | None
    expected_at: datetime | None
    delivered_at: datetime | None
    region: str | None
    channel: str | None


async def order_shapes(session: ReadSession, orders: Sequence[Order]) -> list[OrderShape]:
    query = select(Customer.id, Customer.external_id).where(Customer.id.in_({order.customer_id for order in orders}))
    numbers = {row.id: row.external_id for row in await session.execute(query)}
    return [_shape(order, numbers.get(order.customer_id)) for order in orders]


async def order_shape(session: ReadSession, order: Order) -> OrderShape:
    (shape,) = await order_shapes(session, [order])
    return shape


def _shape(order: Order, number: str | None) -> OrderShape:
    plain = {
        name: getattr(order, name) for name in OrderShape.model_fields if not name.startswith(("customer", "items"))
    }
    items = [ItemShape.model_validate(item) for item in order.items]
    return OrderShape(**plain, customer=order.customer_id, customer_external_id=number, items=items)
