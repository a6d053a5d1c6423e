"""A ticket and the lines of its timeline, as scripts read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select

from admin.api.shapes.because import BecauseShape
from admin.api.shapes.people import CustomerShape, customer_shape
from conversations.models import Conversation
from core.database import ReadSession
from customers.models import ChannelIdentity, Customer, Order
from staff.models import Agent, Team
from tickets import clocks, repository, timeline
from tickets.models import FIRST_NUMBER, Ticket, TicketClock, TicketEvent
from tickets.values import EventType, Reason, Resolution, Severity, Source, Target, TicketKind, TicketStatus


class TicketShape(BaseModel):
    """The smallest `priority` is first. A promise that is paused has no due time; a kept one shows what it was."""

    number: int = Field(examples=[1042])
    kind: TicketKind
    status: TicketStatus
    resolution: Resolution | None
    severity: Severity
    priority: int
    category: str | None = Field(examples=["damaged"])
    subject: str
    customer: CustomerShape
    conversation: int | None
    order: str | None
    order_verified: bool = Field(description="False: somebody who has proven nothing named it.")
    source: Source
    channel: str | None = Field(examples=["web"])
    region: str | None
    assignee: str | None
    team: str | None
    tags: list[str]
    root_cause: str | None
    opened_at: datetime
    first_response_due_at: datetime | None
    next_response_due_at: datetime | None
    resolution_due_at: datetime | None
    resolved_at: datetime | None
    breached: list[Target]
    waiting_for: str | None
    snoozed_until: datetime | None
    merged_into: int | None
    links: list[int]
    reopened: int
    score: int | None
    updated_at: datetime
    version: int


class TicketEventShape(BaseModel):
    """`rule` decided it, `because` says why; `data` depends on `type`."""

    id: int
    type: EventType
    at: datetime
    actor: str
    text: str | None
    rule: str | None = Field(examples=["tickets@3/vip"])
    because: BecauseShape | None
    data: dict[str, Any]


@dataclass(slots=True)
class _Around:
    """What a page of tickets refers to, by id."""

    customers: dict[int, Customer] = field(default_factory=dict)
    identities: dict[int, ChannelIdentity] = field(default_factory=dict)
    conversations: dict[tuple[int, int | None], int] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    agents: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    clocks: dict[int, dict[Target, TicketClock]] = field(default_factory=dict)
    links: dict[int, list[int]] = field(default_factory=dict)


async def ticket_shapes(session: ReadSession, tickets: Sequence[Ticket]) -> list[TicketShape]:
    """The tickets, in their order: a few queries, however many there are."""
    around = await _gather(session, tickets)
    return [_shape(ticket, around) for ticket in tickets]


async def ticket_shape(session: ReadSession, ticket: Ticket) -> TicketShape:
    (shape,) = await ticket_shapes(session, [ticket])
    return shape


async def _gather(session: ReadSession, tickets: Sequence[Ticket]) -> _Around:
    ids = [ticket.id for ticket in tickets]
    return _Around(
        customers=await _by_id(session, Customer, (ticket.customer_id for ticket in tickets)),
        identities=await _by_id(session, ChannelIdentity, (ticket.identity_id for ticket in tickets)),
        conversations=await _conversations(session, {ticket.customer_id for ticket in tickets}),
        orders=await _by_id(session, Order, (ticket.order_id for ticket in tickets)),
        agents=await _names(session, Agent, (ticket.assignee_id for ticket in tickets)),
        teams=await _names(session, Team, (ticket.team_id for ticket in tickets)),
        clocks=await repository.list_clocks(session, ids),
        links=await repository.list_links(session, ids),
    )


async def _by_id(session: ReadSession, model: Any, ids: Iterable[int | None]) -> dict[int, Any]:
    wanted = {one for one in ids if one is not None}
    rows = await session.scalars(select(model).where(model.id.in_(wanted))) if wanted else ()
    return {row.id: row for row in rows}


async def _names(session: ReadSession, model: Any, ids: Iterable[int | None]) -> dict[int, str]:
    return {key: row.name for key, row in (await _by_id(session, model, ids)).items()}


async def _conversations(session: ReadSession, customers: Iterable[int]) -> dict[tuple[int, int | None], int]:
    """By customer and address, and under no address the one in which something was said last."""
    query = select(Conversation).where(Conversation.customer_id.in_(list(customers))).order_by(Conversation.last_at)
    found: dict[tuple[int, int | None], int] = {}
    for conversation in await session.scalars(query):
        found[conversation.customer_id, conversation.identity_id] = conversation.id
        found[conversation.customer_id, None] = conversation.id
    return found


def _conversation(ticket: Ticket, found: dict[tuple[int, int | None], int]) -> int | None:
    return found.get((ticket.customer_id, ticket.identity_id)) or found.get((ticket.customer_id, None))


def _shape(ticket: Ticket, around: _Around) -> TicketShape:
    order = around.orders.get(ticket.order_id or 0)
    identity = around.identities.get(ticket.identity_id or 0)
    rows = around.clocks[ticket.id]
    due = {f"{target.value}_due_at": rows[target].due_at if target in rows else None for target in Target}
    return TicketShape(
        **_plain(ticket),
        **due,
        customer=customer_shape(around.customers[ticket.customer_id], identity),
        conversation=_conversation(ticket, around.conversations),
        order=order.external_id if order else None,
        channel=identity.account.partition(":")[0] if identity else None,
        region=order.region if order and ticket.order_verified else None,
        assignee=around.agents.get(ticket.assignee_id or 0),
        team=around.teams.get(ticket.team_id or 0),
        breached=list(clocks.breached(rows.values())),
        merged_into=ticket.merged_into_id and ticket.merged_into_id + FIRST_NUMBER - 1,
        links=[other + FIRST_NUMBER - 1 for other in around.links[ticket.id]],
    )


_SAME = (
    "number", "kind", "status", "resolution", "severity", "priority", "category", "subject", "order_verified",
    "source", "tags", "root_cause", "opened_at", "resolved_at", "waiting_for", "snoozed_until", "reopened", "score",
    "updated_at", "version",
)  # fmt: skip


def _plain(ticket: Ticket) -> dict[str, Any]:
    """What is shown as it is kept."""
    return {name: getattr(ticket, name) for name in _SAME}


def ticket_event_shape(event: TicketEvent, language: str) -> TicketEventShape:
    return TicketEventShape(
        id=event.id,
        type=event.type,
        at=event.at,
        actor=event.actor,
        text=event.text,
        rule=event.rule,
        because=because_shape(timeline.reasons_of(event), language),
        data=event.data,
    )


def because_shape(reasons: Sequence[Reason], language: str) -> BecauseShape | None:
    """Several reasons read as one sentence under the key of the first."""
    if not reasons:
        return None
    text = ("；" if language == "zh" else "; ").join(reason.text(language) for reason in reasons)
    return BecauseShape(key=reasons[0].key, values=reasons[0].values, text=text)
