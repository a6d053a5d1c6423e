"""A case: a ticket and the conversation in which its customer is talked to. Nothing here commits.

Locks are taken in one order by everybody: ticket, customer, team, conversation.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from conversations import repository
from conversations.desk.errors import CaseMoved
from conversations.language import from_client
from conversations.models import Conversation, Message
from conversations.texts import Texts, Voice
from conversations.threads import Thread
from conversations.values import Author, Language, Owner
from core import signals
from core.database import ReadSession, WriteSession
from core.shop import read_shop
from customers import service as customer_service
from staff.models import Agent
from staff.values import Actor
from tickets import desk as ticket_desk
from tickets import service as ticket_service
from tickets.models import Ticket
from tickets.policy import Work
from tickets.service import Complaint
from tickets.values import TicketKind

#: What a case is called before the customer has said a word.
_NO_WORDS = "…"


@dataclass(frozen=True, slots=True)
class Case:
    """A locked ticket. `thread` None: its customer has never written on any channel."""

    ticket: Ticket
    thread: Thread | None

    @property
    def is_talked_about(self) -> bool:
        """Whether the conversation is about this ticket, and about no other."""
        return self.thread is not None and self.thread.conversation.ticket_id == self.ticket.id


async def lock_case(work: Work, number: int, actor: Actor, version: int | None = None) -> Case:
    """The case, if `actor` may work on it.

    Raises:
        TicketNotFound, NotYours, StaleVersion
    """
    ticket = await ticket_desk.lock_for(work, number, actor, version)
    return Case(ticket, await lock_place(work, ticket))


async def lock_place(work: Work, ticket: Ticket) -> Thread | None:
    """The conversation of a locked ticket, locked."""
    conversation_id = await find_place(work.session, ticket.customer_id, ticket.identity_id)
    return await repository.lock_thread(work.session, conversation_id) if conversation_id else None


async def find_place(session: ReadSession, customer_id: int, identity_id: int | None) -> int | None:
    """Where the customer is talked to: at the address they wrote from, else where they wrote last."""
    query = select(Conversation.id, Conversation.identity_id).where(Conversation.customer_id == customer_id)
    rows = (await session.execute(query.order_by(Conversation.last_at.desc()))).all()
    there = [row.id for row in rows if row.identity_id == identity_id]
    return next(iter([*there, *(row.id for row in rows)]), None)


async def find_case(session: ReadSession, conversation: Conversation) -> Ticket | None:
    """The live ticket that the conversation is about."""
    if conversation.ticket_id is None:
        return None
    ticket = await session.get(Ticket, conversation.ticket_id)
    return ticket if ticket is not None and ticket.status.is_live else None


async def case_of(work: Work, conversation_id: int) -> int:
    """The number of the live ticket of the conversation; one is opened when there is none.

    Raises:
        ConversationNotFound
        CaseMoved: one was opened at this moment; it cannot be locked any more, as the customer is already.
    """
    conversation = await repository.get_conversation(work.session, conversation_id)
    known = await find_case(work.session, conversation)
    if known is not None:
        return known.number
    await customer_service.lock_customer(work.session, conversation.customer_id)
    # Whoever came a moment earlier held the lock: look again.
    await work.session.refresh(conversation)
    if await find_case(work.session, conversation) is not None:
        raise CaseMoved("a ticket was opened there at this moment; try again")
    said = Complaint(
        customer_id=conversation.customer_id,
        text=await _last_words(work.session, conversation_id),
        kind=TicketKind.QUESTION,
        identity_id=conversation.identity_id,
        separate=True,
    )
    opened = await ticket_service.open_complaint(work, said)
    thread = await repository.lock_thread(work.session, conversation_id)
    thread.conversation.ticket_id = opened.ticket.id
    await work.session.flush()
    return opened.number


async def _last_words(session: ReadSession, conversation_id: int) -> str:
    query = (
        select(Message.text)
        .where(Message.conversation_id == conversation_id, Message.author == Author.CUSTOMER, Message.text != "")
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return await session.scalar(query) or _NO_WORDS


def change_owner(
    session: WriteSession, conversation: Conversation, owner: Owner, agent_id: int | None, now: datetime
) -> None:
    """Another one answers from here on; what the bot has written before does not go out any more once it is `taken`."""
    conversation.owner, conversation.owner_since, conversation.agent_id = owner, now, agent_id
    conversation.owner_epoch += 1
    conversation.version += 1
    session.signal(signals.MESSAGES, conversation.id)
    session.signal(signals.CONVERSATIONS)


async def voice_for(session: ReadSession, conversation: Conversation) -> Voice:
    """The product's sentences in the conversation's language."""
    facts, _sample = await read_shop(session)
    return Texts.shipped().voice(from_client(conversation.language) or Language.ZH, facts)


async def holder_name(session: ReadSession, conversation: Conversation) -> str:
    name = await session.scalar(select(Agent.name).where(Agent.id == conversation.agent_id))
    return name or "somebody else"
