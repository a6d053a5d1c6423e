"""Customers: finding one, and the file with everything that happened."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from admin import timeline
from admin.api.context import Context, Reading
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import CursorText, PathId
from admin.pages.masking import masked
from admin.pages.rendering import page
from admin.pages.routing import PageRoute
from admin.pages.visitor import ReadsCustomers
from customers import directory, orders, service
from customers.directory import Audience

router = APIRouter(prefix="/customers", route_class=PageRoute)

_LIST = "customers"
_MOST = 50


@router.get("")
async def list_customers(
    request: Request,
    viewer: ReadsCustomers,
    session: Reading,
    context: Context,
    q: Annotated[str, Query(max_length=120)] = "",
    cursor: CursorText | None = None,
) -> HTMLResponse:
    today = context.clock.now().astimezone(context.settings.timezone).date()
    wanted = Audience(text=q.strip() or None)
    rows = await directory.list_customers(session, wanted, today, decode_cursor(_LIST, cursor), _MOST + 1)
    shown, more = one_page(rows, _MOST, _LIST, lambda customer: customer.id)
    listed = [(customer, masked(customer.phone)) for customer in shown]
    return page(request, "customers.html", viewer, listed=listed, q=q, more=more)


@router.get("/{id}")
async def show_customer(
    request: Request, viewer: ReadsCustomers, session: Reading, customer_id: PathId
) -> HTMLResponse:
    customer = await service.get_customer(session, customer_id)
    return page(
        request, "customer.html", viewer,
        customer=customer,
        phone=masked(customer.phone),
        email=masked(customer.email),
        orders=await orders.list_of_customer(session, customer.id),
        happened=(await timeline.list_all(session, customer.id))[:100],
    )  # fmt: skip
