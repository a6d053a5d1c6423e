"""Saying something that the customer has not just asked for: in their language, as `service`. Nothing here commits."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from conversations import timeline
from conversations.language import from_client
from conversations.memory import Dialogue, Idle, Menu, read_memory, write_memory
from conversations.models import Message
from conversations.rendering import render
from conversations.steps import Say
from conversations.texts import Texts, Voice
from conversations.threads import Speaker, Thread
from conversations.values import Author, Language, MessageKind, OutgoingMessage
from core.shop import read_shop
from customers.models import Customer
from staff.values import Actor
from tickets.policy import Work


@dataclass(frozen=True, slots=True)
class Listener:
    """How the customer of a conversation is spoken to."""

    language: Language
    zone: ZoneInfo


async def listener_of(work: Work, thread: Thread) -> Listener:
    customer = await work.session.get_one(Customer, thread.conversation.customer_id)
    zone = ZoneInfo(customer.timezone) if customer.timezone else work.policy.zone
    return Listener(from_client(thread.conversation.language) or Language(work.policy.language), zone)


async def tell(
    work: Work,
    thread: Thread,
    say: Say,
    ticket_id: int | None,
    *,
    dialogue: Dialogue | None = None,
    answer_to: int | None = None,
) -> Message:
    """Says it in the locked conversation. With buttons, or a `dialogue`, what was open before is over.

    `answer_to`: the event that it comes along with the answer to.
    """
    conversation = thread.conversation
    memory, _readable = read_memory(conversation.state)
    menu = memory.menu
    if say.choices or dialogue is not None:
        menu = Menu(number=menu.number + 1, choices=say.choices)
        changes = {"dialogue": dialogue or Idle(), "menu": menu}
        conversation.state = write_memory(memory.model_copy(update=changes))
    conversation.version += 1
    said = replace(render(say, await voice_of(work, thread), menu), kind=MessageKind.SERVICE)
    message = await timeline.say(work.session, thread, said, work.now, about=timeline.About(answer_to, ticket_id))
    await work.session.flush()
    return message


async def say_as(work: Work, thread: Thread, actor: Actor, words: str, ticket_id: int) -> Message:
    """A person's words about a ticket, under their alias."""
    name = actor.alias or actor.name
    voice = await voice_of(work, thread)
    speaker = Speaker(Author.AGENT, actor.id, name, voice.say("desk.author", name=name))
    said = OutgoingMessage(text=words, kind=MessageKind.AGENT_REPLY)
    message = await timeline.say(work.session, thread, said, work.now, speaker)
    message.ticket_id = ticket_id
    thread.conversation.version += 1
    await work.session.flush()
    return message


async def voice_of(work: Work, thread: Thread) -> Voice:
    """The product's sentences in the language of the conversation's customer."""
    facts, _sample = await read_shop(work.session)
    return Texts.shipped().voice((await listener_of(work, thread)).language, facts)
