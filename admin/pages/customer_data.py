"""What belongs to a customer as a person: the copy of all that is known of them, and its end, with the receipt."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.api.customers import erase_customer
from admin.api.fields import PathId
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import ErasesCustomers, ExportsCustomers
from core.errors import InvalidInput
from customers import privacy, service
from customers.export import take_copy
from customers.service import CustomerNotFound
from tickets import repository as tickets

router = APIRouter(prefix="/customers/{id}", route_class=PageRoute)

#: Places of a receipt that have a line of their own; the others are counted together.
NAMED = (
    "channel_identity", "message", "stored_file", "order", "ticket", "compensation_grant", "consent", "customer_note",
    "follow_up", "question_log", "task",
)  # fmt: skip
_UNREACHED = {sentence: key for key, sentence in privacy.UNREACHED.items()}


@router.post("/export")
async def export(viewer: ExportsCustomers, context: Context, customer_id: PathId) -> Response:
    """A file to keep or to hand over; that it was taken is in the audit book."""
    now = context.clock.now()
    known = await take_copy(context.database, customer_id, by=viewer.actor.name, now=now)
    headers = {
        "Content-Disposition": f'attachment; filename="kefu-customer-{known["customer"]["id"]}-{now:%Y-%m-%d}.json"',
        "Cache-Control": "no-store",
    }
    return Response(json.dumps(known, ensure_ascii=False, indent=2), media_type="application/json", headers=headers)


@router.get("/erase")
async def ask_first(request: Request, viewer: ErasesCustomers, session: Reading, customer_id: PathId) -> HTMLResponse:
    """What will be gone, and the number that has to be typed."""
    customer = await service.get_customer(session, customer_id)
    live = await tickets.list_live(session, customer.id)
    return page(request, "erase.html", viewer, customer=customer, live=live)


@router.post("/erase")
async def erase(
    viewer: ErasesCustomers, context: Context, customer_id: PathId, confirm: Annotated[str, Form(max_length=30)]
) -> Response:
    """Nothing is left but the receipt. `confirm`: the file's number, typed."""
    async with context.database.read() as session:
        customer = await service.get_customer(session, customer_id)
    if confirm.strip() != str(customer.id):
        raise InvalidInput("type the file's number to erase it", {"confirm": "is not the file's number"})
    receipt = await erase_customer(context, customer.id, viewer.actor)
    return back_to(f"/admin/customers/{receipt.customer}/receipt")


@router.get("/receipt")
async def show_receipt(
    request: Request, viewer: ErasesCustomers, session: Reading, customer_id: PathId
) -> HTMLResponse:
    """What is gone, what is kept without a name, and what cannot be reached."""
    receipt = await privacy.find_receipt(session, customer_id)
    if receipt is None:
        raise CustomerNotFound(f"customer {customer_id} was not erased")
    rows = {one["place"]: one["rows"] for one in receipt["places"] if one["rows"]}
    return page(
        request, "receipt.html", viewer,
        receipt=receipt,
        erased_at=datetime.fromisoformat(receipt["erased_at"]),
        named=[(place, rows[place]) for place in NAMED if place in rows],
        elsewhere=sum(count for place, count in rows.items() if place not in NAMED),
        kept=[one["place"] for one in receipt["kept"] if one["place"] in privacy.KEPT],
        columns=[one["place"] for one in receipt["kept"] if one["place"] not in privacy.KEPT],
        unreached=_reasons(receipt),
    )  # fmt: skip


def _reasons(receipt: Mapping[str, Any]) -> list[tuple[str | None, str]]:
    """By key what this product words itself; what an older one said stands as it was written."""
    return [(_UNREACHED.get(said), said) for said in receipt["unreachable"]]
