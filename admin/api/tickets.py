"""Tickets: what there is, opened by staff, edited, and their timelines."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Body, Cursor, Limit, Line, ShortLine, Text
from admin.api.orders import Instant
from admin.api.shapes.ticket import (
    TicketEventShape,
    TicketShape,
    ticket_event_shape,
    ticket_shape,
    ticket_shapes,
)
from admin.api.working import Working
from admin.api.writing import ApiRoute
from core.database import ReadSession
from core.ids import MAX_ID
from customers import orders
from staff import service as staff_service
from staff import teams
from staff.permissions import Action
from staff.values import Actor, Role
from tickets import desk, repository, service, timeline
from tickets.models import Ticket
from tickets.repository import TicketFilter
from tickets.service import Complaint
from tickets.values import EventType, Severity, Source, TicketKind, TicketStatus

router = APIRouter(prefix="/tickets", tags=["tickets"], route_class=ApiRoute)

_LIST, _EVENTS = "tickets", "ticket_events"
_READ, _WORK = [allowed(Action.READ_TICKETS)], [allowed(Action.WORK_ON_TICKETS)]
_NOBODY = 0
PathNumber = Annotated[int, Path(ge=1, le=MAX_ID, alias="number", examples=[1042])]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The one that you read; an old one: 409.")]


class NewTicket(Body):
    """What somebody told on the phone, at the counter or by mail."""

    customer: int = Field(ge=1, le=MAX_ID)
    kind: TicketKind = TicketKind.COMPLAINT
    category: ShortLine | None = Field(default=None, examples=["damaged"])
    text: Annotated[Text, Field(min_length=1, examples=["茶罐破了"])]
    order: ShortLine | None = None
    source: Source = Source.PHONE


class TicketPatch(Body):
    """What is not named stays. A severity or priority that is set here is kept: no rule changes it any more."""

    version: Version
    severity: Severity = Severity.NORMAL
    priority: int = Field(default=3, ge=1, le=9)
    category: ShortLine | None = None
    subject: Line = "-"
    tags: list[ShortLine] = Field(default=[], max_length=50)
    root_cause: ShortLine | None = None
    order: ShortLine | None = None


@router.get("", summary="List tickets", dependencies=_READ)
async def list_tickets(
    session: Reading,
    actor: Caller,
    status: TicketStatus | None = None,
    kind: TicketKind | None = None,
    severity: Severity | None = None,
    assignee: Annotated[ShortLine | None, Query(description="`me`, `none`, or a colleague's name.")] = None,
    team: ShortLine | None = None,
    customer: Annotated[int | None, Query(ge=1, le=MAX_ID, description="A customer's id.")] = None,
    q: Annotated[ShortLine | None, Query(description="A number, or words of the subject or the customer.")] = None,
    due_before: Annotated[Instant | None, Query(description="A promise that is open breaks before then.")] = None,
    updated_after: Instant | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketShape]:
    """Newest first."""
    found_team = await teams.find_team(session, team) if team else None
    wanted = TicketFilter(
        status=status, kind=kind, severity=severity, assignee_id=await _assignee(session, actor, assignee),
        team_id=(found_team.id if found_team else -1) if team else None, customer_id=customer, text=q,
        due_before=due_before, updated_after=updated_after,
    )  # fmt: skip
    rows = await repository.list_tickets(session, wanted, decode_cursor(_LIST, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda ticket: ticket.id)
    return Page(items=await ticket_shapes(session, shown), next_cursor=next_cursor)


async def _assignee(session: ReadSession, actor: Actor, named: str | None) -> int | None:
    """The id of whoever is meant; a name that nobody has finds nothing."""
    if named is None:
        return None
    if named in ("me", "none"):
        return actor.id if named == "me" else _NOBODY
    agent = await staff_service.find_agent(session, named)
    return agent.id if agent else -1


@router.post("", status_code=201, summary="Open a ticket", dependencies=_WORK)
async def open_ticket(work: Working, body: NewTicket) -> TicketShape:
    """For what came by phone, at the counter or by mail; it never joins another one."""
    if body.order is not None:
        await orders.get_order(work.session, body.order)
    if body.category is not None:
        desk.check_names(work, {"category": body.category})
    said = Complaint(
        customer_id=body.customer, text=body.text, kind=body.kind, category=body.category, order=body.order,
        source=body.source, separate=True,
    )  # fmt: skip
    return await ticket_shape(work.session, (await service.open_complaint(work, said)).ticket)


@router.get("/{number}", summary="Show a ticket", dependencies=_READ)
async def get_ticket(session: Reading, number: PathNumber) -> TicketShape:
    return await ticket_shape(session, await repository.get_ticket(session, number))


@router.patch("/{number}", summary="Edit a ticket", dependencies=_WORK)
async def edit_ticket(work: Working, number: PathNumber, body: TicketPatch) -> TicketShape:
    """An old `version`: 409."""
    ticket = await repository.lock_ticket(work.session, number)
    desk.check_version(ticket, body.version)
    values = body.model_dump(exclude_unset=True, exclude={"version", "order"})
    if "order" in body.model_fields_set:
        values |= await _order(work.session, ticket, body.order)
    return await ticket_shape(work.session, await desk.edit(work, ticket, values))


async def _order(session: ReadSession, ticket: Ticket, external_id: str | None) -> dict[str, Any]:
    """An order that staff name is the customer's own when it is in their name. Raises OrderNotFound."""
    if external_id is None:
        return {"order_id": None, "order_verified": False}
    order = await orders.get_order(session, external_id)
    return {"order_id": order.id, "order_verified": order.customer_id == ticket.customer_id}


@router.get("/{number}/events", summary="Read a ticket's timeline", dependencies=_READ)
async def list_events(
    session: Reading,
    actor: Caller,
    context: Context,
    number: PathNumber,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketEventShape]:
    """Oldest first: words, notes, decisions with rule and reason, promises kept and broken."""
    ticket = await repository.get_ticket(session, number)
    rows = await timeline.list_events(session, ticket.id, decode_cursor(_EVENTS, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _EVENTS, lambda event: event.id)
    # Who complains often is a supervisor's to know.
    is_senior = actor.is_at_least(Role.SUPERVISOR)
    visible = [event for event in shown if is_senior or event.type is not EventType.FLAGGED]
    return Page(items=[ticket_event_shape(event, context.language) for event in visible], next_cursor=next_cursor)
