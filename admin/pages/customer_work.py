"""What is done to a customer's file: noted, asked about, joined with another, not answered for a while."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context
from admin.api.fields import PathId
from admin.links import invite
from admin.pages.cases import Words
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import BlocksCustomers, EditsCustomers, MergesCustomers
from core.ids import MAX_ID
from customers import blocking, consents, notes, service
from customers import merge as merging
from customers.values import ConsentKind, NoteKind
from staff import audit

router = APIRouter(prefix="/customers/{id}", route_class=PageRoute)

_LONGEST_DAYS = 3650
#: The case from whose page a form was sent, to go back to.
_Case = Annotated[int | None, Form(ge=1, le=MAX_ID)]


@router.post("/block")
async def block(
    viewer: BlocksCustomers,
    context: Context,
    customer_id: PathId,
    reason: Annotated[str, Form(min_length=1, max_length=200)],
    days: Annotated[int, Form(ge=1, le=_LONGEST_DAYS)] = 30,
    case: _Case = None,
) -> Response:
    """What they write meanwhile is kept and not answered; they are told once."""
    now = context.clock.now()
    async with context.database.write() as session:
        until = now + timedelta(days=days)
        await blocking.block(session, customer_id, reason, until, by=viewer.actor.name, now=now)
    return _back(customer_id, case)


@router.post("/unblock")
async def unblock(viewer: BlocksCustomers, context: Context, customer_id: PathId, case: _Case = None) -> Response:
    async with context.database.write() as session:
        await blocking.unblock(session, customer_id, by=viewer.actor.name, now=context.clock.now())
    return _back(customer_id, case)


def _back(customer_id: int, case: int | None) -> Response:
    return back_to(f"/admin/cases/{case}" if case else f"/admin/customers/{customer_id}")


@router.post("/note")
async def note(
    viewer: EditsCustomers,
    context: Context,
    customer_id: PathId,
    kind: Annotated[NoteKind, Form()] = NoteKind.NOTE,
    text: Words = "",
) -> Response:
    """A call, a visit, a wish, a note."""
    async with context.database.write() as session:
        now = context.clock.now()
        await notes.add_note(session, customer_id, kind, text.strip(), actor=viewer.actor.name, now=now)
    return back_to(f"/admin/customers/{customer_id}")


@router.post("/consents")
async def record_consents(
    viewer: EditsCustomers,
    context: Context,
    customer_id: PathId,
    kind: Annotated[ConsentKind, Form()],
    given: Annotated[bool, Form()],
    source: Annotated[str, Form(min_length=1, max_length=200)],
) -> Response:
    """What they told you counts as their own word."""
    now = context.clock.now()
    async with context.database.write() as session:
        customer = await service.lock_customer(session, customer_id)
        await consents.record(session, customer.id, {kind: given}, source=source.strip(), now=now)
        changes = {kind.value: (None, given)}
        about = f"customer:{customer.id}"
        audit.record(session, actor=viewer.actor.name, action="consents.set", object=about, now=now, changes=changes)
    return back_to(f"/admin/customers/{customer_id}#consents")


@router.post("/link")
async def make_link(request: Request, viewer: EditsCustomers, context: Context, customer_id: PathId) -> HTMLResponse:
    """A personal link: who opens it first is this customer. Shown this once."""
    async with context.database.write() as session:
        now = context.clock.now()
        made = await invite(session, context.settings, customer_id, by=viewer.actor.name, now=now)
    return page(request, "secret.html", viewer, title="invitation", shown=made.url or made.code, help="invitation_help",
                back=f"/admin/customers/{customer_id}")  # fmt: skip


@router.post("/merge")
async def merge(
    viewer: MergesCustomers, context: Context, customer_id: PathId, other: Annotated[int, Form(ge=1, le=MAX_ID)]
) -> Response:
    """The other file goes into this one."""
    async with context.database.write() as session:
        await merging.merge(session, customer_id, other, by=viewer.actor.name, now=context.clock.now())
    return back_to(f"/admin/customers/{customer_id}")


@router.post("/unmerge")
async def undo_merge(
    viewer: MergesCustomers, context: Context, customer_id: PathId, merge: Annotated[int, Form(ge=1, le=MAX_ID)]
) -> Response:
    async with context.database.write() as session:
        await merging.undo(session, merge, by=viewer.actor.name, now=context.clock.now())
    return back_to(f"/admin/customers/{customer_id}")
