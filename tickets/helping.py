"""Colleagues who look into a ticket without taking it over. Nothing here commits."""

from collections.abc import Sequence

from sqlalchemy import select

from core.database import ReadSession, upsert_ignore
from core.errors import InvalidInput
from staff.models import Agent
from staff.values import Role
from tickets import timeline
from tickets.models import Ticket, TicketHelper
from tickets.policy import Work
from tickets.values import EventType


async def ask(work: Work, ticket: Ticket, colleague: Agent, words: str | None = None) -> None:
    """Asks `colleague` in; again asks once more. Raises InvalidInput for a system, and for somebody who is gone."""
    if colleague.role is Role.CHANNEL or colleague.disabled_at is not None:
        raise InvalidInput(f"{colleague.name} does not work on tickets", {"agent": "does not work on tickets"})
    insert = upsert_ignore(TicketHelper, work.session.get_bind().dialect.name)
    values = {"ticket_id": ticket.id, "agent_id": colleague.id, "asked_by": work.actor, "asked_at": work.now}
    await work.session.execute(insert.values(**values))
    timeline.record(work, ticket, EventType.ASKED, text=words, data={"agent": colleague.name})
    await work.session.flush()


async def list_helpers(session: ReadSession, ticket: Ticket) -> Sequence[Agent]:
    query = select(Agent).join(TicketHelper, TicketHelper.agent_id == Agent.id)
    return list(await session.scalars(query.where(TicketHelper.ticket_id == ticket.id).order_by(TicketHelper.id)))


async def is_helper(session: ReadSession, ticket: Ticket, agent_id: int) -> bool:
    query = select(TicketHelper.id).where(TicketHelper.ticket_id == ticket.id, TicketHelper.agent_id == agent_id)
    return await session.scalar(query) is not None
