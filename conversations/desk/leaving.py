"""Somebody leaves, for good or for today: what they had goes to a colleague, with the packet of each case, or back into
the queue, with a note. Nothing here commits.
"""

from sqlalchemy import select

from conversations.desk import packets
from conversations.desk.cases import Case, change_owner, lock_place
from conversations.desk.holding import let_go
from conversations.models import Conversation
from conversations.values import Owner
from core.database import ReadSession
from staff import service as staff_service
from staff.models import Agent
from tickets import desk as ticket_desk
from tickets import giving
from tickets.models import FIRST_NUMBER, Ticket
from tickets.policy import Work
from tickets.repository import lock_ticket
from tickets.values import LIVE


async def disable(work: Work, name: str, hand_over_to: str | None = None) -> int:
    """Ends all access of `name` at once; how many cases were passed on.

    Raises:
        NotFound: nobody is called so.
        InvalidInput: `hand_over_to` does not work on tickets.
    """
    to = await staff_service.get_agent(work.session, hand_over_to) if hand_over_to else None
    agent = await staff_service.disable(work.session, name, by=work.actor, now=work.now)
    numbers = await list_theirs(work.session, agent.id)
    for number in numbers:
        await _pass_on(work, number, agent, to)
    await _free_conversations(work, agent)
    return len(numbers)


async def list_theirs(session: ReadSession, agent_id: int) -> list[int]:
    """The numbers of the live cases that somebody answers for."""
    theirs = select(Ticket.id).where(Ticket.assignee_id == agent_id, Ticket.status.in_(LIVE)).order_by(Ticket.id)
    return [ticket_id + FIRST_NUMBER - 1 for ticket_id in await session.scalars(theirs)]


async def _pass_on(work: Work, number: int, agent: Agent, to: Agent | None) -> None:
    ticket = await lock_ticket(work.session, number)
    if to is not None:
        await ticket_desk.assign(work, ticket, to, None)
        await packets.pass_along(work, ticket, to)
    else:
        giving.release(work, ticket, agent, "disabled")
    await let_go(work, Case(ticket, await lock_place(work, ticket)))


async def _free_conversations(work: Work, agent: Agent) -> None:
    """Conversations that they hold without a live case wait for whoever comes."""
    held = select(Conversation).where(Conversation.agent_id == agent.id, Conversation.owner == Owner.TAKEN)
    for conversation in await work.session.scalars(held.order_by(Conversation.id).with_for_update()):
        change_owner(work.session, conversation, Owner.WAITING, None, work.now)
    await work.session.flush()
