"""A ticket's timeline: written by everything that happens to it, never changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from core import signals
from core.database import ReadSession
from tickets.models import Ticket, TicketEvent
from tickets.policy import Work
from tickets.values import EventType, Reason

CUSTOMER = "customer"
BOT = "bot"
CLOCK = "clock"


def record(
    work: Work,
    ticket: Ticket,
    kind: EventType,
    *,
    text: str | None = None,
    rule: str | None = None,
    reasons: Sequence[Reason] = (),
    data: Mapping[str, Any] | None = None,
    dedupe_key: str | None = None,
) -> TicketEvent:
    """Adds one line. `rule`: a rule's id within the rules of tickets that hold now, or its whole name."""
    event = TicketEvent(
        ticket_id=ticket.id,
        type=kind,
        at=work.now,
        actor=work.actor,
        text=text,
        rule=rule if rule is None or "/" in rule else work.policy.tickets.name_of(rule),
        reasons=[reason.model_dump() for reason in reasons],
        data=dict(data or {}),
        dedupe_key=dedupe_key,
    )
    work.session.add(event)
    ticket.updated_at = work.now
    work.session.signal(signals.TICKETS, ticket.id)
    return event


async def write(work: Work) -> None:
    """Writes what was recorded in this transaction so far, all lines at once; their ids stay unknown.

    For jobs that record many: a flush writes line by line on SQLite.
    """
    lines = [one for one in work.session.new if isinstance(one, TicketEvent)]
    for line in lines:
        work.session.expunge(line)
    columns = [column.key for column in TicketEvent.__mapper__.column_attrs if column.key != "id"]
    rows = [{name: getattr(line, name) for name in columns} for line in lines]
    if rows:
        await work.session.execute(insert(TicketEvent), rows, execution_options={"render_nulls": True})


async def was_recorded(session: ReadSession, dedupe_key: str) -> TicketEvent | None:
    return await session.scalar(select(TicketEvent).where(TicketEvent.dedupe_key == dedupe_key))


async def list_events(
    session: ReadSession, ticket_id: int, after_id: int | None = None, limit: int = 50
) -> list[TicketEvent]:
    """Oldest first."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id).limit(limit)
    return list(await session.scalars(query if after_id is None else query.where(TicketEvent.id > after_id)))


def reasons_of(event: TicketEvent) -> tuple[Reason, ...]:
    return tuple(Reason.model_validate(reason) for reason in event.reasons)
