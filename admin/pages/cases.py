"""One case: its customer, the talk as it goes on, and what can be done."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.api.fields import PathId
from admin.api.file_links import FilesDoor
from admin.api.shapes.compensation import grant_shapes, options_shape
from admin.api.shapes.message import MessageShape, message_shapes
from admin.api.shapes.ticket import TicketShape, ticket_event_shape, ticket_shape
from admin.pages.masking import masked
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import GivesMoney, ReadsTickets, Viewer, WorksOnTickets
from admin.pages.working import working
from conversations import repository as conversations
from conversations.desk import ending, holding, speaking
from core.database import ReadSession
from core.ids import MAX_ID
from core.money import Money
from customers import service as customer_service
from staff import audit
from staff.values import Role
from tickets import desk, grants, offers, repository, timeline
from tickets.grants import GrantFilter
from tickets.grants import Request as GrantRequest
from tickets.values import EventType, GrantKind, GrantState

router = APIRouter(prefix="/cases", route_class=PageRoute)

PathNumber = Annotated[int, Path(ge=1, le=MAX_ID, alias="number")]
_Words = Annotated[str, Form(max_length=10_000)]
_TALK = 200
_EVENTS = 100


@router.get("/{number}")
async def show_case(
    request: Request, viewer: ReadsTickets, session: Reading, context: Context, files: FilesDoor, number: PathNumber
) -> HTMLResponse:
    ticket = await repository.get_ticket(session, number)
    shape = await ticket_shape(session, ticket)
    policy = await context.policies.current(session)
    offered = await offers.describe(session, policy, ticket, viewer.actor, context.clock.now())
    given = await grants.list_grants(session, GrantFilter(ticket_id=ticket.id), None, 50)
    customer = await customer_service.get_customer(session, ticket.customer_id)
    events = await timeline.list_events(session, ticket.id, None, _EVENTS)
    return page(
        request, "case.html", viewer,
        case=shape,
        customer=customer,
        phone=masked(customer.phone),
        email=masked(customer.email),
        talk=await _talk(session, shape, files, 0),
        events=[ticket_event_shape(event, viewer.language) for event in events if _may_read(viewer, event.type)],
        options=options_shape(offered, policy.tickets.name_of(""), viewer.language),
        grants=await grant_shapes(session, given, viewer.language),
        causes=[(cause.id, cause.name.pick(viewer.language)) for cause in policy.rules.root_cause],
        is_mine=shape.assignee == viewer.actor.name,
    )  # fmt: skip


def _may_read(viewer: Viewer, kind: EventType) -> bool:
    """Who complains often is a supervisor's to know."""
    return kind is not EventType.FLAGGED or viewer.actor.is_at_least(Role.SUPERVISOR)


async def _talk(session: ReadSession, case: TicketShape, files: FilesDoor, after: int) -> list[MessageShape]:
    if case.conversation is None:
        return []
    conversation = await conversations.get_conversation(session, case.conversation)
    since = max(after, conversation.last_seq - _TALK)
    messages = await conversations.list_messages(session, conversation.id, since, _TALK)
    return await message_shapes(session, messages, files.links.url)


@router.get("/{number}/talk")
async def show_talk(
    request: Request,
    viewer: ReadsTickets,
    session: Reading,
    files: FilesDoor,
    number: PathNumber,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> HTMLResponse:
    """What was said since `after`, for a page that is open."""
    shape = await ticket_shape(session, await repository.get_ticket(session, number))
    return page(request, "talk.html", viewer, talk=await _talk(session, shape, files, after))


@router.post("/{number}/take")
async def take(viewer: WorksOnTickets, context: Context, number: PathNumber) -> Response:
    async with working(context, viewer) as work:
        await holding.take(work, viewer.actor, number)
    return back_to(f"/admin/cases/{number}")


@router.post("/{number}/reply")
async def reply(viewer: WorksOnTickets, context: Context, number: PathNumber, text: _Words = "") -> Response:
    """To the customer; the case is the viewer's from here on."""
    async with working(context, viewer) as work:
        await speaking.reply(work, viewer.actor, number, text)
    return back_to(f"/admin/cases/{number}#end")


@router.post("/{number}/note")
async def note(viewer: WorksOnTickets, context: Context, number: PathNumber, text: _Words = "") -> Response:
    """Stays among staff."""
    async with working(context, viewer) as work:
        await speaking.note(work, viewer.actor, number, text)
    return back_to(f"/admin/cases/{number}#events")


@router.post("/{number}/resolve")
async def resolve(
    viewer: WorksOnTickets,
    context: Context,
    number: PathNumber,
    version: Annotated[int, Form(ge=1)],
    text: _Words = "",
    root_cause: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    async with working(context, viewer) as work:
        await ending.resolve(work, viewer.actor, number, version, text.strip() or None, root_cause or None)
    return back_to(f"/admin/cases/{number}")


@router.post("/{number}/hand-back")
async def hand_back(viewer: WorksOnTickets, context: Context, number: PathNumber) -> Response:
    async with working(context, viewer) as work:
        await holding.hand_back(work, viewer.actor, number)
    return back_to(f"/admin/cases/{number}")


@router.post("/{number}/escalate")
async def escalate(viewer: WorksOnTickets, context: Context, number: PathNumber, text: _Words = "") -> Response:
    async with working(context, viewer) as work:
        await holding.escalate(work, viewer.actor, number, text.strip() or None)
    return back_to(f"/admin/cases/{number}")


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
async def show_contact(
    request: Request, viewer: ReadsTickets, context: Context, customer_id: PathId
) -> HTMLResponse:
    """Phone and e-mail in clear; that they were looked at is in the audit book."""
    async with context.database.write() as session:
        customer = await customer_service.get_customer(session, customer_id)
        about = f"customer:{customer.id}"
        audit.record(
            session, actor=viewer.actor.name, action="customers.contact", object=about, now=context.clock.now()
        )
        shown = [one for one in (customer.phone, customer.email) if one]
    return page(request, "contact.html", viewer, shown=shown)
