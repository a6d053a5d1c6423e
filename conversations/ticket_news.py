"""News of a ticket that the customer has not just asked for, in their conversation. Nothing here commits."""

from dataclasses import replace
from datetime import datetime

from conversations import timeline
from conversations.case_facts import Case
from conversations.dialogues.ratings import ask_if_solved
from conversations.language import from_client
from conversations.memory import Menu, clean_slate, read_memory, write_memory
from conversations.models import Message
from conversations.rendering import render
from conversations.texts import Texts
from conversations.threads import Thread
from conversations.values import Language, MessageKind, Owner
from core.database import WriteSession
from core.shop import read_shop
from tickets.models import Ticket


async def ask_after_the_end(session: WriteSession, thread: Thread, ticket: Ticket, now: datetime) -> Message:
    """Asks in a locked conversation whether it is solved; the bot answers there again, whoever had it."""
    conversation = thread.conversation
    if conversation.owner is not Owner.BOT:
        conversation.owner, conversation.owner_since, conversation.agent_id = Owner.BOT, now, None
        conversation.owner_epoch += 1
        conversation.unanswered_since = None
    conversation.ticket_id, conversation.answer_by = ticket.id, None
    memory, _readable = read_memory(clean_slate(conversation.state))
    say, rating = ask_if_solved(Case(ticket.number, ticket.kind, ticket.status, ticket.subject))
    menu = Menu(number=memory.menu.number + 1, choices=say.choices)
    conversation.state = write_memory(memory.model_copy(update={"dialogue": rating, "menu": menu}))
    conversation.version += 1
    facts, _sample = await read_shop(session)
    voice = Texts.shipped().voice(from_client(conversation.language) or Language.ZH, facts)
    said = replace(render(say, voice, menu), kind=MessageKind.SERVICE)
    message = await timeline.say(session, thread, said, now)
    message.ticket_id = ticket.id
    await session.flush()
    return message
