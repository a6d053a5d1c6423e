"""Which planned follow-ups have become void since they were planned: the programme's own `cancel_if`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from conversations.contact_rules import Reason
from core.database import ReadSession
from customers.models import Order
from customers.values import OrderStatus
from scheduler.models import FollowUp
from scheduler.programme_rules import Cancel, OnOrder, OnTicket, Programme
from scheduler.values import FollowUpState
from tickets.models import Ticket
from tickets.values import TicketKind, TicketStatus

_GONE = (OrderStatus.RETURNED, OrderStatus.CANCELLED)
_ENDED = (TicketStatus.RESOLVED, TicketStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Void:
    """Why it is void; `values` name the cause, where the reason alone does not."""

    reason: Reason
    values: dict[str, Any] = field(default_factory=dict)


async def find_void(session: ReadSession, programme: Programme, rows: Sequence[FollowUp]) -> dict[int, Void]:
    """Those of `rows` that are void, by id."""
    causes = set(programme.cancel_if)
    found: dict[int, Void] = {}
    if Cancel.OPEN_COMPLAINT in causes:
        found |= dict.fromkeys(await _complaining(session, rows), Void(Reason.OPEN_COMPLAINT))
    if Cancel.RETURNED in causes:
        found |= dict.fromkeys(await _returned(session, rows), _moved(Cancel.RETURNED))
    if Cancel.MOVED_ON in causes:
        found |= dict.fromkeys(await _moved_on(session, programme, rows), _moved(Cancel.MOVED_ON))
    if Cancel.ORDERED in causes:
        found |= dict.fromkeys(await _ordered(session, rows), _moved(Cancel.ORDERED))
    if Cancel.ANSWERED in causes:
        found |= dict.fromkeys(await _answered(session, programme, rows), _moved(Cancel.ANSWERED))
    return found


def _moved(cause: Cancel) -> Void:
    """Its time is over, for a cause of its own."""
    return Void(Reason.EXPIRED, {"cause": cause.value})


def _customers(rows: Sequence[FollowUp]) -> list[int]:
    return sorted({row.customer_id for row in rows})


async def _complaining(session: ReadSession, rows: Sequence[FollowUp]) -> list[int]:
    is_open = (Ticket.kind == TicketKind.COMPLAINT) & Ticket.status.not_in(_ENDED)
    query = select(Ticket.customer_id).where(Ticket.customer_id.in_(_customers(rows)), is_open)
    customers = set(await session.scalars(query))
    return [row.id for row in rows if row.customer_id in customers]


async def _returned(session: ReadSession, rows: Sequence[FollowUp]) -> list[int]:
    query = select(Order.id).where(Order.id.in_([row.order_id for row in rows]), Order.status.in_(_GONE))
    orders = set(await session.scalars(query))
    return [row.id for row in rows if row.order_id in orders]


async def _moved_on(session: ReadSession, programme: Programme, rows: Sequence[FollowUp]) -> list[int]:
    """Those whose order or ticket is no longer what set them off."""
    trigger = programme.trigger
    if isinstance(trigger, OnOrder):
        same = select(Order.id).where(Order.id.in_([row.order_id for row in rows]), Order.status == trigger.status)
        still = set(await session.scalars(same))
        return [row.id for row in rows if row.order_id is not None and row.order_id not in still]
    if isinstance(trigger, OnTicket):
        is_so = Ticket.status.in_((trigger.status, TicketStatus.CLOSED))
        ended = set(await session.scalars(select(Ticket.id).where(Ticket.id.in_([r.ticket_id for r in rows]), is_so)))
        return [row.id for row in rows if row.ticket_id is not None and row.ticket_id not in ended]
    return []


async def _ordered(session: ReadSession, rows: Sequence[FollowUp]) -> list[int]:
    """Those whose customer has bought since the occasion; the order of the occasion itself does not count."""
    query = select(Order.customer_id, Order.id, Order.placed_at).where(
        Order.customer_id.in_(_customers(rows)), Order.status.not_in(_GONE), Order.placed_at.is_not(None)
    )
    bought: dict[int, list[Any]] = {}
    for one in await session.execute(query):
        bought.setdefault(one.customer_id, []).append(one)
    return [
        row.id
        for row in rows
        if any(one.placed_at > row.happened_at and one.id != row.order_id for one in bought.get(row.customer_id, ()))
    ]


async def _answered(session: ReadSession, programme: Programme, rows: Sequence[FollowUp]) -> list[int]:
    """Those whose occasion was answered at an earlier step."""
    query = select(FollowUp.customer_id, FollowUp.occasion).where(
        FollowUp.programme == programme.id,
        FollowUp.customer_id.in_(_customers(rows)),
        FollowUp.state == FollowUpState.ANSWERED,
    )
    answered = {(one.customer_id, one.occasion) for one in await session.execute(query)}
    return [row.id for row in rows if (row.customer_id, row.occasion) in answered]
