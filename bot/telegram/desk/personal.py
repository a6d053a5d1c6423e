"""What somebody has to hear in their own chat too: what is nearly late, what was given to them, what they are asked."""

from collections.abc import Sequence

from sqlalchemy import select

from bot.telegram.desk.boards import link_to
from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import drafts, post
from bot.telegram.desk.reading import address_of, as_happening, list_aliases
from bot.telegram.desk.talk import happening_text
from bot.telegram.models import DeskTopic
from conversations.deliveries import DeliveryDraft
from core.database import ReadSession
from staff.models import Agent
from staff.values import Role
from tickets.models import Ticket, TicketEvent
from tickets.policy import Work
from tickets.values import EventType

_TO_ASSIGNEE = (EventType.WARNED, EventType.BREACHED, EventType.REMINDED, EventType.NOT_SENT)
_NAMED = {EventType.ASSIGNED: "assignee", EventType.HANDED_OVER: "to", EventType.ASKED: "agent"}


async def tell(
    work: Work, office: Office, topic: DeskTopic, ticket: Ticket, events: Sequence[TicketEvent]
) -> list[DeliveryDraft]:
    """Each to the people whom it concerns, in their language; nobody hears of what they did themselves."""
    told: list[DeliveryDraft] = []
    names = await list_aliases(work.session) if events else {}
    for event in events:
        for agent in await _whom(work.session, ticket, event):
            address = await address_of(work.session, office.account, agent.id)
            if address is None or agent.name == event.actor:
                continue
            wording = office.wording_for(agent)
            text = happening_text(as_happening(event, names, wording), wording, work.now)
            link = link_to(topic) or ""
            said = wording.say("said.digest_dm", number=ticket.number, text=text, link=link).strip()
            key = f"told:{event.id}:{agent.id}"
            calls = [one.model_copy(update={"about": topic.id}) for one in post(address, said, loud=True)]
            told += drafts(topic.account, calls, key, work.now, ticket.customer_id)
    return told


async def _whom(session: ReadSession, ticket: Ticket, event: TicketEvent) -> Sequence[Agent]:
    there = Agent.disabled_at.is_(None)
    if event.type in _NAMED:
        return list(await session.scalars(select(Agent).where(Agent.name == event.data.get(_NAMED[event.type]), there)))
    if event.type is EventType.ESCALATED:
        roles = (Role.SUPERVISOR, Role.ADMIN)
        return list(await session.scalars(select(Agent).where(Agent.role.in_(roles), there)))
    if event.type in _TO_ASSIGNEE and ticket.assignee_id is not None:
        return list(await session.scalars(select(Agent).where(Agent.id == ticket.assignee_id, there)))
    return ()
