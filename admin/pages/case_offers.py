"""What is offered to the customer of a case, of what the rules allow; and contacts shown in clear."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context
from admin.api.fields import PathId
from admin.pages.cases import PathNumber
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import GivesMoney, ReadsTickets
from admin.pages.working import working
from core.money import Money
from customers import service as customer_service
from staff import audit
from tickets import desk, grants
from tickets.grants import Request as GrantRequest
from tickets.values import GrantKind, GrantState

router = APIRouter(prefix="/cases", route_class=PageRoute)


@router.post("/{number}/offer")
async def offer(
    viewer: GivesMoney,
    context: Context,
    number: PathNumber,
    option: Annotated[str, Form(pattern=r"^[a-z_]{1,20}:\d{1,12}:[A-Z]{3}$")],
    reason: Annotated[str, Form(min_length=1, max_length=2000)],
) -> Response:
    """What the rules allow, to choose from: no amount is typed. Within one's limit it is offered at once."""
    kind, amount_minor, currency = option.split(":")
    async with working(context, viewer) as work:
        ticket = await desk.lock_for(work, number, viewer.actor)
        asked = GrantRequest(
            kind=GrantKind(kind), money=Money(int(amount_minor), currency), customer_id=ticket.customer_id,
            ticket=ticket, reason=reason,
        )  # fmt: skip
        grant = await grants.request(work, asked, viewer.actor)
        if grant.state is GrantState.APPROVED:
            await grants.offer(work, grant.id, viewer.actor)
    return back_to(f"/admin/cases/{number}#money")


@router.post("/customers/{id}/contact")
async def show_contact(request: Request, viewer: ReadsTickets, context: Context, customer_id: PathId) -> HTMLResponse:
    """Phone and e-mail in clear; that they were looked at is in the audit book."""
    async with context.database.write() as session:
        customer = await customer_service.get_customer(session, customer_id)
        about = f"customer:{customer.id}"
        audit.record(
            session, actor=viewer.actor.name, action="customers.contact", object=about, now=context.clock.now()
        )
        shown = [one for one in (customer.phone, customer.email) if one]
    return page(request, "contact.html", viewer, shown=shown)
