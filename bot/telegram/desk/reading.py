"""What a topic has to tell: looked up in the talk, the timeline and the book of addresses. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.telegram.desk.talk import TOLD, Happening, Word
from bot.telegram.desk.wording import Wording
from bot.telegram.models import DeskPost, DeskTopic
from conversations.desk_models import HeldReply
from conversations.models import Conversation, Message
from conversations.values import Author
from core.database import ReadSession
from customers.models import ChannelIdentity, Customer
from staff.models import Agent, AgentAddress
from tickets.models import Ticket, TicketEvent
from tickets.values import EventType

#: So much of the talk is read at once; what is left follows.
_AT_ONCE = 40
#: So many of the words before a case was opened are shown in its topic.
_BEFORE = 6


@dataclass(frozen=True, slots=True)
class Unposted:
    """What a topic has not told yet; `message`, `event`: how far it has, once this is told."""

    words: tuple[Word, ...]
    happenings: tuple[Happening, ...]
    events: tuple[TicketEvent, ...]
    message: int
    event: int


async def find_conversation(session: ReadSession, ticket: Ticket) -> Conversation | None:
    """The conversation that is about the ticket."""
    query = select(Conversation).where(Conversation.ticket_id == ticket.id).order_by(Conversation.last_at.desc())
    return await session.scalar(query.limit(1))


async def begin_at(session: ReadSession, ticket: Ticket, conversation: Conversation | None) -> int:
    """The message after which a new topic begins: a few words before the case was opened."""
    if conversation is None:
        return 0
    here = Message.conversation_id == conversation.id
    of_case = select(Message.seq).where(here, Message.ticket_id == ticket.id).order_by(Message.seq)
    first = await session.scalar(of_case.limit(1)) or conversation.last_seq
    return await session.scalar(select(func.max(Message.id)).where(here, Message.seq <= first - _BEFORE)) or 0


async def _list_unposted(session: ReadSession, topic: DeskTopic) -> list[Message]:
    """What was said about the case since, wherever: a talk goes on in another channel, or in two at once."""
    query = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.ticket_id == topic.ticket_id, Message.id > topic.posted_message)
        .order_by(Message.id)
        .limit(_AT_ONCE)
    )
    return list(await session.scalars(query))


async def read_unposted(session: ReadSession, topic: DeskTopic, ticket: Ticket, wording: Wording) -> Unposted:
    messages = await _list_unposted(session, topic)
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.id > topic.posted_event)
    events = list(await session.scalars(query.order_by(TicketEvent.id).limit(_AT_ONCE)))
    told = await _told(session, topic, events)
    names = await list_aliases(session)
    shown = await _from_elsewhere(session, topic, messages)
    # The bot's words alone are not worth a post: they wait for the customer's next ones.
    waits = bool(shown) and all(one.author is Author.BOT for one in shown) and len(messages) < _AT_ONCE
    words = () if waits else await _words(session, topic, ticket, shown, wording)
    return Unposted(
        words=words,
        happenings=tuple(as_happening(one, names, wording) for one in told),
        events=tuple(told),
        message=max((one.id for one in messages if not waits), default=topic.posted_message),
        event=max((one.id for one in events), default=topic.posted_event),
    )


async def _told(session: ReadSession, topic: DeskTopic, events: Sequence[TicketEvent]) -> list[TicketEvent]:
    """Without what stands in the group already: notes that were written there, and marks below words."""
    ids = [one.id for one in events]
    here = set(await session.scalars(select(DeskPost.event_id).where(DeskPost.event_id.in_(ids))))
    held = [one.data.get("held") for one in events if one.type is EventType.NOT_SENT]
    marked = set(await session.scalars(select(DeskPost.held_id).where(DeskPost.held_id.in_(held))))
    packed = {one.data.get("to") for one in events if one.type is EventType.HANDED_OVER}
    return [
        one
        for one in events
        if one.type in TOLD
        and one.id not in here
        and one.data.get("held", 0) not in marked
        # Who gets a case with its packet is told once.
        and not (one.type is EventType.ASSIGNED and one.data.get("assignee") in packed)
    ]


def as_happening(event: TicketEvent, names: dict[str, str], wording: Wording) -> Happening:
    by = names.get(event.actor) or wording.find(f"who.{event.actor}") or event.actor
    data = dict(event.data)
    for key in ("assignee", "to", "agent", "from"):
        if isinstance(data.get(key), str):
            data[key] = names.get(data[key], data[key])
    return Happening(event.id, event.type, by, event.text, event.at, data)


async def list_aliases(session: ReadSession) -> dict[str, str]:
    """What everybody is called here, by their name."""
    rows = await session.execute(select(Agent.name, Agent.alias))
    return {row.name: row.alias or row.name for row in rows}


async def _from_elsewhere(session: ReadSession, topic: DeskTopic, messages: Sequence[Message]) -> list[Message]:
    """Without what agents wrote in this group."""
    ids = [one.id for one in messages] + [one.replaces_id for one in messages if one.replaces_id]
    query = select(HeldReply.message_id).where(HeldReply.message_id.in_(ids), HeldReply.surface == topic.account)
    here = set(await session.scalars(query))
    return [one for one in messages if one.id not in here and one.replaces_id not in here]


async def _words(
    session: ReadSession, topic: DeskTopic, ticket: Ticket, shown: Sequence[Message], wording: Wording
) -> tuple[Word, ...]:
    customer = await _customer_name(session, ticket) or wording.say("card.visitor")
    return tuple([await _word(session, topic, one, customer) for one in shown])


async def _word(session: ReadSession, topic: DeskTopic, message: Message, customer: str) -> Word:
    return Word(
        message_id=message.id,
        author=message.author,
        name=message.name or customer,
        text=message.text,
        at=message.at,
        attachments=() if message.replaces_id else tuple(message.attachments),
        replaces=message.replaces_id is not None,
        quotes=await _number_of(session, topic, message.reply_to_id) if message.reply_to_id else None,
    )


async def _number_of(session: ReadSession, topic: DeskTopic, message_id: int) -> int | None:
    """Under which number a message of the talk stands in the group: an agent's own words, or our post of it."""
    written = select(HeldReply.origin).where(HeldReply.message_id == message_id, HeldReply.surface == topic.account)
    origin = await session.scalar(written.limit(1))
    if origin is not None:
        return int(origin.rpartition("/")[2])
    posted = select(DeskPost.number).where(DeskPost.topic_id == topic.id, DeskPost.message_id == message_id)
    return await session.scalar(posted.order_by(DeskPost.id).limit(1))


async def _customer_name(session: ReadSession, ticket: Ticket) -> str | None:
    customer = await session.get_one(Customer, ticket.customer_id)
    identity = await session.get(ChannelIdentity, ticket.identity_id) if ticket.identity_id else None
    return customer.form_of_address or customer.name or (identity.display_name if identity else None)


async def address_of(session: ReadSession, account: str, agent_id: int | None) -> str | None:
    """An agent's own account in Telegram."""
    if agent_id is None:
        return None
    query = select(AgentAddress.external_id).where(AgentAddress.account == account, AgentAddress.agent_id == agent_id)
    return await session.scalar(query.order_by(AgentAddress.id.desc()).limit(1))
