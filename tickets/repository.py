"""Finding tickets. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, or_, select

from core.database import LOCK, ReadSession, WriteSession
from core.ids import MAX_ID
from customers.models import Customer
from staff.models import Team
from tickets.models import Ticket, TicketClock, TicketEvent, TicketLink, id_of
from tickets.values import LIVE, EventType, Severity, Target, TicketKind, TicketNotFound, TicketStatus

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """`assignee_id` 0: nobody's. `due_before`: some promise that is still open breaks before then."""

    status: TicketStatus | None = None
    kind: TicketKind | None = None
    severity: Severity | None = None
    assignee_id: int | None = None
    team_id: int | None = None
    customer_id: int | None = None
    text: str | None = None
    due_before: datetime | None = None
    updated_after: datetime | None = None

    def narrow(self, query: Select[*Columns]) -> Select[*Columns]:
        same = {
            Ticket.status: self.status,
            Ticket.kind: self.kind,
            Ticket.severity: self.severity,
            Ticket.team_id: self.team_id,
            Ticket.customer_id: self.customer_id,
        }
        query = query.where(*(column == value for column, value in same.items() if value is not None))
        if self.assignee_id is not None:
            is_theirs = Ticket.assignee_id == self.assignee_id
            query = query.where(is_theirs if self.assignee_id else Ticket.assignee_id.is_(None))
        if self.text is not None:
            query = query.where(_mentions(self.text))
        if self.due_before is not None:
            clocks = select(TicketClock.ticket_id).where(
                TicketClock.due_at < self.due_before, TicketClock.since.is_not(None)
            )
            query = query.where(Ticket.id.in_(clocks))
        return query if self.updated_after is None else query.where(Ticket.updated_at > self.updated_after)


def _mentions(text: str) -> ColumnElement[bool]:
    """Its number, its subject, its customer, or what they said in it."""
    said = select(TicketEvent.ticket_id).where(
        TicketEvent.type.in_((EventType.OPENED, EventType.SAID)), TicketEvent.text.icontains(text, autoescape=True)
    )
    digits = text.strip().lstrip("#")
    number = id_of(int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    theirs = select(Customer.id).where(_is_called(text.strip()))
    subject = Ticket.subject.icontains(text, autoescape=True)
    return or_(subject, Ticket.id.in_(said), Ticket.id == number, Ticket.customer_id.in_(theirs))


def _is_called(text: str) -> ColumnElement[bool]:
    """A customer's name, number, or the end of their phone number."""
    known = or_(Customer.name.icontains(text, autoescape=True), Customer.external_id == text)
    is_phone = text.isascii() and text.isdigit() and len(text) >= 4
    return or_(known, Customer.phone.endswith(text)) if is_phone else known


async def find_ticket(session: ReadSession, number: int) -> Ticket | None:
    ticket_id = id_of(number)
    return await session.get(Ticket, ticket_id) if 0 < ticket_id <= MAX_ID else None


async def get_ticket(session: ReadSession, number: int) -> Ticket:
    """Raises TicketNotFound."""
    ticket = await find_ticket(session, number)
    if ticket is None:
        raise TicketNotFound(f"there is no ticket {number}")
    return ticket


async def lock_ticket(session: WriteSession, number: int) -> Ticket:
    """The ticket as it is now, locked to the end of the transaction. Raises TicketNotFound."""
    ticket = await get_ticket(session, number)
    await session.refresh(ticket, with_for_update=LOCK)
    return ticket


async def list_tickets(
    session: ReadSession, wanted: TicketFilter, before_id: int | None = None, limit: int = 50
) -> list[Ticket]:
    """Newest first; `before_id` is the last id of the page before."""
    query = wanted.narrow(select(Ticket)).order_by(Ticket.id.desc()).limit(limit)
    return list(await session.scalars(query if before_id is None else query.where(Ticket.id < before_id)))


async def list_open_and_newest(session: ReadSession, customer_id: int, newest: int) -> list[Ticket]:
    """The customer's live tickets, then those that have ended among their `newest`, each newest first, in one look.

    Merged ones are left out, as their matter goes on elsewhere.
    """
    own = select(Ticket.id).where(Ticket.customer_id == customer_id, Ticket.merged_into_id.is_(None))
    shown = own.order_by(Ticket.id.desc()).limit(newest).scalar_subquery()
    query = select(Ticket).where(Ticket.customer_id == customer_id, or_(Ticket.status.in_(LIVE), Ticket.id.in_(shown)))
    found = (await session.scalars(query.order_by(Ticket.id.desc()))).all()
    return [*(one for one in found if one.status.is_live), *(one for one in found if not one.status.is_live)]


async def list_live(session: ReadSession, customer_id: int) -> list[Ticket]:
    """The customer's live tickets, newest first."""
    query = select(Ticket).where(Ticket.customer_id == customer_id, Ticket.status.in_(LIVE))
    return list(await session.scalars(query.order_by(Ticket.id.desc())))


async def list_clocks(session: ReadSession, ticket_ids: Sequence[int]) -> dict[int, dict[Target, TicketClock]]:
    """The clocks of each ticket, by target."""
    found: dict[int, dict[Target, TicketClock]] = {ticket_id: {} for ticket_id in ticket_ids}
    for clock in await session.scalars(select(TicketClock).where(TicketClock.ticket_id.in_(ticket_ids))):
        found[clock.ticket_id][clock.target] = clock
    return found


async def list_links(session: ReadSession, ticket_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of the tickets that each is linked to."""
    found: dict[int, list[int]] = {ticket_id: [] for ticket_id in ticket_ids}
    query = select(TicketLink).where(or_(TicketLink.one_id.in_(ticket_ids), TicketLink.other_id.in_(ticket_ids)))
    for link in await session.scalars(query.order_by(TicketLink.id)):
        for here, there in ((link.one_id, link.other_id), (link.other_id, link.one_id)):
            if here in found:
                found[here].append(there)
    return found


async def calendar_of(session: ReadSession, ticket: Ticket) -> str | None:
    """The name of its team's calendar."""
    if ticket.team_id is None:
        return None
    return await session.scalar(select(Team.calendar).where(Team.id == ticket.team_id))
