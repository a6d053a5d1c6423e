"""What whoever works on a case has to know: the customer, the promises, what was said, what may be offered.

One card for every surface; as a packet it goes along when a case changes hands. Phone and address are masked; showing
them is a deed of its own, which the book keeps. Nothing here commits.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conversations.desk.cases import find_place
from conversations.desk.drafts import Shown, articles_shown
from conversations.models import Conversation, Message
from conversations.values import Author
from core.database import ReadSession
from customers import orders as order_service
from customers.models import ChannelIdentity, Customer, CustomerNote, Order
from customers.parcels import ParcelFacts
from customers.values import NoteKind, Tier
from staff import audit
from staff.models import Agent, Team
from staff.values import Actor
from tickets import given_words, helping, offers, repository, timeline
from tickets import service as ticket_service
from tickets.models import Ticket
from tickets.money_models import Grant
from tickets.offers import Offered
from tickets.policy import Policy, Work
from tickets.values import EventType, Reason

_WORDS, _EARLIER, _WISHES = 8, 5, 3


@dataclass(frozen=True, slots=True)
class Person:
    """The customer. `phone`, `email` show their last letters only; `local`: their time now, in `zone`."""

    id: int
    name: str | None
    form_of_address: str | None
    language: str | None
    zone: str
    local: datetime
    tier: Tier
    verified: bool
    phone: str | None
    email: str | None
    needs: str | None
    wishes: tuple[str, ...]
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said. `name`: of an agent."""

    author: Author
    name: str | None
    text: str
    at: datetime
    message_id: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A time that the customer was told, by whom (None: by the product) and in which words."""

    at: datetime
    by: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """`asked`: what it was opened with; `because`: why it is as severe as it is. `due_at`: the answer that is owed.

    `shown`: articles that the bot gave; `said`: the newest words, oldest first; `offer`: what the rules allow now,
    for whoever looks; `given`: what was offered or given already; `earlier`: other tickets of the customer.
    """

    ticket: Ticket
    asked: str
    because: tuple[Reason, ...]
    conversation_id: int | None
    customer: Person
    order: ParcelFacts | None
    assignee: str | None
    team: str | None
    helpers: tuple[str, ...]
    due_at: datetime | None
    promises: tuple[Promise, ...]
    shown: tuple[Shown, ...]
    said: tuple[Line, ...]
    offer: Offered
    given: tuple[Grant, ...]
    earlier: tuple[Ticket, ...]


async def read_card(session: ReadSession, policy: Policy, number: int, actor: Actor, now: datetime) -> Card:
    """The card of a case for `actor`. Raises TicketNotFound."""
    ticket = await repository.get_ticket(session, number)
    conversation_id = await find_place(session, ticket.customer_id, ticket.identity_id)
    conversation = await session.get(Conversation, conversation_id) if conversation_id else None
    opened = await _opening(session, ticket)
    order = await session.get(Order, ticket.order_id) if ticket.order_id and ticket.order_verified else None
    assignee = await session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    team = await session.get(Team, ticket.team_id) if ticket.team_id else None
    others = await repository.list_open_and_newest(session, ticket.customer_id, _EARLIER + 1)
    grants = select(Grant).where(Grant.ticket_id == ticket.id).order_by(Grant.id)
    return Card(
        ticket=ticket,
        asked=opened[0],
        because=opened[1],
        conversation_id=conversation_id,
        customer=await _person(session, policy, ticket, now),
        order=order_service.parcel_facts(order) if order else None,
        assignee=assignee.name if assignee else None,
        team=team.name if team else None,
        helpers=tuple(agent.name for agent in await helping.list_helpers(session, ticket)),
        due_at=await ticket_service.answer_by(session, ticket),
        promises=await _promises(session, ticket, conversation),
        shown=await articles_shown(session, conversation_id) if conversation_id else (),
        said=await _said(session, conversation_id) if conversation_id else (),
        offer=await offers.describe(session, policy, ticket, actor, now),
        given=tuple(await session.scalars(grants)),
        earlier=tuple(other for other in others if other.id != ticket.id)[:_EARLIER],
    )


async def _opening(session: ReadSession, ticket: Ticket) -> tuple[str, tuple[Reason, ...]]:
    """What it was opened with, and the newest reasons for its severity."""
    events = await timeline.list_events(session, ticket.id, limit=200)
    asked = next((event.text or "" for event in events if event.type is EventType.OPENED), ticket.subject)
    scored = [event for event in events if event.type in (EventType.OPENED, EventType.SCORED) and event.reasons]
    return asked, timeline.reasons_of(scored[-1]) if scored else ()


async def _person(session: ReadSession, policy: Policy, ticket: Ticket, now: datetime) -> Person:
    customer = await session.get_one(Customer, ticket.customer_id)
    identity = await session.get(ChannelIdentity, ticket.identity_id) if ticket.identity_id else None
    zone = ZoneInfo(customer.timezone) if customer.timezone else policy.zone
    wishes = select(CustomerNote.text).where(
        CustomerNote.customer_id == customer.id, CustomerNote.kind == NoteKind.WISH
    )
    return Person(
        id=customer.id,
        name=customer.name or (identity.display_name if identity else None),
        form_of_address=customer.form_of_address,
        language=customer.language,
        zone=str(zone),
        local=now.astimezone(zone),
        tier=customer.tier,
        verified=identity.verified if identity else True,
        phone=masked(customer.phone),
        email=masked(customer.email),
        needs=customer.needs,
        wishes=tuple(await session.scalars(wishes.order_by(CustomerNote.id.desc()).limit(_WISHES))),
        blocked_until=customer.blocked_until if customer.blocked_until and customer.blocked_until > now else None,
    )


def masked(contact: str | None) -> str | None:
    """Enough to recognise a contact, not enough to use it: `•••8812`, `l•••@example.com`."""
    if not contact:
        return None
    name, at, domain = contact.partition("@")
    return f"{name[:1]}•••@{domain}" if at else f"•••{contact[-4:]}"


async def _promises(session: ReadSession, ticket: Ticket, conversation: Conversation | None) -> tuple[Promise, ...]:
    given = await given_words.list_open(session, [ticket.id])
    names = {row.id: row.name for row in await session.execute(select(Agent.id, Agent.name))} if given else {}
    told = [Promise(word.due_at, names.get(word.agent_id), word.words) for word in given]
    is_ours = conversation is not None and conversation.ticket_id == ticket.id
    if is_ours and conversation is not None and conversation.answer_by and not told:
        told.append(Promise(conversation.answer_by, None, None))
    return tuple(told)


async def _said(session: ReadSession, conversation_id: int) -> tuple[Line, ...]:
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.seq.desc())
    newest = list(await session.scalars(query.limit(_WORDS)))
    return tuple(Line(one.author, one.name, one.text, one.at, one.id) for one in reversed(newest))


@dataclass(frozen=True, slots=True)
class Contact:
    """What the card masks."""

    phone: str | None
    email: str | None


async def show_contact(work: Work, actor: Actor, number: int) -> Contact:
    """Phone and address in full, for who works on cases; the book keeps who looked. Raises TicketNotFound."""
    ticket = await repository.get_ticket(work.session, number)
    customer = await work.session.get_one(Customer, ticket.customer_id)
    of, why = f"customer:{customer.id}", f"ticket:{number}"
    audit.record(work.session, actor=actor.name, action="customers.show_contact", object=of, now=work.now, note=why)
    await work.session.flush()
    return Contact(customer.phone, customer.email)
