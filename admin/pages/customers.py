"""Customers: finding one, and the file with everything that happened."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from admin import timeline
from admin.api.context import Context, Reading
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import CursorText, PathId
from admin.api.shapes.compensation import grant_shapes
from admin.pages.masking import masked
from admin.pages.rendering import page
from admin.pages.routing import PageRoute
from admin.pages.visitor import ReadsCustomers, Viewer
from core.database import ReadSession
from customers import consents, directory, merge, orders, service
from customers.directory import Audience
from customers.models import Customer
from staff.permissions import Action
from tickets import grants, satisfaction
from tickets.grants import GrantFilter

router = APIRouter(prefix="/customers", route_class=PageRoute)

_LIST = "customers"
_MOST = 50
_HAPPENED = 100


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
    request: Request, viewer: ReadsCustomers, session: Reading, context: Context, customer_id: PathId
) -> HTMLResponse:
    customer = await service.get_customer(session, customer_id)
    is_blocked = customer.blocked_until is not None and customer.blocked_until > context.clock.now()
    values = await _values(session, viewer, customer)
    return page(request, "customer.html", viewer, customer=customer, is_blocked=is_blocked, **values)


async def _values(session: ReadSession, viewer: Viewer, customer: Customer) -> dict[str, Any]:
    given = await grants.list_grants(session, GrantFilter(customer_id=customer.id), None, _MOST)
    may_merge = viewer.may(Action.MERGE_CUSTOMERS)
    at_risk = await satisfaction.list_at_risk(session, [customer.id])
    return {
        "at_risk": at_risk.get(customer.id),
        "phone": masked(customer.phone),
        "email": masked(customer.email),
        "orders": await orders.list_of_customer(session, customer.id),
        "identities": await service.list_identities(session, customer.id),
        "standing": {kind.value: one for kind, one in (await consents.current(session, customer.id)).items()},
        "consents": await consents.list_history(session, customer.id),
        "grants": await grant_shapes(session, given, viewer.language),
        "merges": await merge.list_standing(session, customer.id) if may_merge else [],
        "may_merge": may_merge,
        "may_export": viewer.may(Action.EXPORT_CUSTOMERS),
        "may_erase": viewer.may(Action.ERASE_CUSTOMERS),
        "happened_here": (await timeline.list_all(session, customer.id))[:_HAPPENED],
    }
