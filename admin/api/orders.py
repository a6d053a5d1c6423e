"""Orders: what was bought, and where it is."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, AwareDatetime, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Body, Cursor, Limit, Line, ShortLine
from admin.api.shapes.order import OrderShape, order_shape, order_shapes
from admin.api.writing import ApiRoute, Writing
from core.errors import InvalidInput
from core.ids import MAX_ID
from core.shop import read_shop
from customers import orders
from customers.contacts import parse_phone
from customers.customer_rows import lock_imports
from customers.orders import Buyer, OrderFilter
from customers.service import Writer
from customers.values import OrderStatus, Origin
from staff.permissions import Action

router = APIRouter(prefix="/orders", tags=["orders"], route_class=ApiRoute)

_LIST = "orders"


def _near(at: datetime) -> datetime:
    if not 1970 <= at.year <= 2200:
        raise ValueError("must be between 1970 and 2200")
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_near)]


class Item(Body):
    name: Line
    quantity: int = Field(default=1, ge=1, le=1_000_000)


class NewOrder(Body):
    """One of `customer`, `customer_external_id`, `customer_phone` says whose it is; an unknown customer is created."""

    external_id: ShortLine
    customer: Annotated[int | None, Field(ge=1, le=MAX_ID)] = None
    customer_external_id: ShortLine | None = None
    customer_phone: Annotated[ShortLine | None, Field(examples=["+8613800138000"])] = None
    product: Line | None = None
    items: list[Item] = Field(default_factory=list, max_length=200)
    category: ShortLine | None = None
    amount_minor: Annotated[int | None, Field(ge=0, le=2**53)] = None
    currency: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])] = None
    status: OrderStatus = OrderStatus.PLACED
    carrier: ShortLine | None = None
    tracking_no: ShortLine | None = None
    placed_at: Instant | None = None
    expected_at: Instant | None = None
    delivered_at: Instant | None = None
    region: ShortLine | None = None
    channel: ShortLine | None = None

    def facts(self) -> dict[str, Any]:
        """What was given, by column."""
        return {name: value for name, value in self.model_dump(exclude_unset=True).items() if name in orders.FACTS}


@router.get("", summary="List orders", dependencies=[allowed(Action.READ_ORDERS)])
async def list_orders(
    session: Reading,
    customer: Annotated[int | None, Query(ge=1, le=MAX_ID, description="A customer's id.")] = None,
    status: OrderStatus | None = None,
    q: Annotated[ShortLine | None, Query(description="Part of a number or a product.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[OrderShape]:
    """Newest first."""
    wanted = OrderFilter(customer_id=customer, status=status, text=q)
    rows = await orders.list_orders(session, wanted, decode_cursor(_LIST, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda order: order.id)
    return Page(items=await order_shapes(session, shown), next_cursor=next_cursor)


@router.post(
    "",
    summary="Add or change an order",
    status_code=201,
    responses={200: {"model": OrderShape}},
    dependencies=[allowed(Action.POST_ORDERS)],
)
async def post_order(
    session: Writing, actor: Caller, context: Context, body: NewOrder, response: Response
) -> OrderShape:
    """With an `external_id` that is known, that order is changed (200): what is not named stays."""
    await lock_imports(session)
    shop = (await read_shop(session))[0]
    facts = body.facts()
    if facts.get("amount_minor") is not None:
        facts["currency"] = body.currency or shop.currency
    by, now = Writer(actor.name, Origin.AGENT), context.clock.now()
    order, is_new = await orders.save_order(session, body.external_id, _buyer(body, shop.country), facts, by, now)
    response.status_code = 201 if is_new else 200
    return await order_shape(session, order)


def _buyer(body: NewOrder, country: str) -> Buyer:
    try:
        phone = parse_phone(body.customer_phone, country) if body.customer_phone else None
    except InvalidInput as error:
        raise InvalidInput(error.detail, {"customer_phone": error.detail}) from None
    return Buyer(body.customer_external_id, phone, body.customer)


@router.get("/{external_id:path}", summary="Show an order", dependencies=[allowed(Action.READ_ORDERS)])
async def get_order(session: Reading, external_id: Annotated[ShortLine, Path(examples=["A-1001"])]) -> OrderShape:
    return await order_shape(session, await orders.get_order(session, external_id))
