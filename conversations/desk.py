"""What an agent does with a conversation: take it, reply, hand it back to the bot."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from conversations import memory, repository, timeline
from conversations.models import Conversation, Message
from conversations.texts import Texts, Voice
from conversations.threads import Speaker, Thread
from conversations.values import Attachment, Author, MessageKind, OutgoingMessage, Owner
from core import signals
from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput, NotAllowed
from core.shop import read_shop
from staff.models import Agent
from staff.values import Actor, Role

MAX_REPLY = 10_000


class AlreadyTaken(Conflict):
    """Somebody else has taken the conversation."""

    code = "already_taken"


class NotTaken(Conflict):
    """Nobody has taken the conversation yet; whoever replies takes it first."""

    code = "not_taken"


class TakenByOther(NotAllowed):
    """Only the person who took a conversation speaks in it."""

    code = "taken_by_other"


async def take(session: WriteSession, conversation_id: int, agent: Actor, now: datetime) -> Conversation:
    """`agent` answers from here on and the bot is silent. Taking one's own conversation again changes nothing.

    Raises:
        ConversationNotFound, AlreadyTaken
    """
    conversation = (await repository.lock_thread(session, conversation_id)).conversation
    if conversation.owner is Owner.TAKEN:
        if conversation.agent_id != agent.id:
            raise AlreadyTaken(f"{await _holder(session, conversation)} has taken this conversation")
        return conversation
    conversation.agent_id = agent.id
    await _change_owner(session, conversation, Owner.TAKEN, now)
    return conversation


async def reply(
    session: WriteSession,
    conversation_id: int,
    agent: Actor,
    text: str,
    attachments: Sequence[Attachment],
    now: datetime,
    reply_to: int | None = None,
) -> Message:
    """Says something to the customer under the agent's alias, on whatever channel the conversation is.

    `reply_to`: a message of the conversation that is quoted.

    Raises:
        ConversationNotFound, NotTaken, TakenByOther
        InvalidInput: nothing to say, or more than MAX_REPLY characters.
    """
    words = checked_words(text, attachments)
    thread = await repository.lock_thread(session, conversation_id)
    await _must_hold(session, thread.conversation, agent)
    said = OutgoingMessage(text=words, attachments=tuple(attachments), kind=MessageKind.AGENT_REPLY, reply_to=reply_to)
    message = await timeline.say(session, thread, said, now, await speaker_of(session, thread, agent))
    thread.conversation.unanswered_since = None
    thread.conversation.version += 1
    await session.flush()
    return message


async def hand_back(session: WriteSession, conversation_id: int, agent: Actor, now: datetime) -> Conversation:
    """The bot answers again, with a clean slate, and tells the customer so. A supervisor may do it for others.

    Raises:
        ConversationNotFound, NotTaken, TakenByOther
    """
    thread = await repository.lock_thread(session, conversation_id)
    conversation = thread.conversation
    if not agent.is_at_least(Role.SUPERVISOR) or conversation.owner is not Owner.TAKEN:
        await _must_hold(session, conversation, agent)
    conversation.agent_id = None
    conversation.unanswered_since = None
    conversation.state = memory.clean_slate(conversation.state)
    await _change_owner(session, conversation, Owner.BOT, now)
    voice = await _voice(session, conversation)
    await timeline.say(session, thread, OutgoingMessage(text=voice.say("desk.handed_back")), now)
    return conversation


async def _change_owner(session: WriteSession, conversation: Conversation, owner: Owner, now: datetime) -> None:
    conversation.owner = owner
    conversation.owner_since = now
    conversation.owner_epoch += 1
    conversation.version += 1
    await session.flush()
    session.signal(signals.MESSAGES, conversation.id)
    session.signal(signals.CONVERSATIONS)


def checked_words(text: str, attachments: Sequence[Attachment] = ()) -> str:
    """The words of a reply without the space around them. Raises InvalidInput: none and no attachment, or too many."""
    words = text.strip()
    if not words and not attachments:
        raise InvalidInput("a reply needs words or an attachment", {"text": "is empty"})
    if len(words) > MAX_REPLY:
        raise InvalidInput("the reply is too long", {"text": f"has {len(words)} characters; {MAX_REPLY} at most"})
    return words


async def _must_hold(session: ReadSession, conversation: Conversation, agent: Actor) -> None:
    if conversation.owner is not Owner.TAKEN:
        raise NotTaken("nobody has taken this conversation; take it first")
    if conversation.agent_id != agent.id:
        raise TakenByOther(f"{await _holder(session, conversation)} has taken this conversation")


async def _holder(session: ReadSession, conversation: Conversation) -> str:
    name = await session.scalar(select(Agent.name).where(Agent.id == conversation.agent_id))
    return name or "somebody else"


async def speaker_of(session: ReadSession, thread: Thread, agent: Actor) -> Speaker:
    """The agent as the customer sees them."""
    name = agent.alias or agent.name
    voice = await _voice(session, thread.conversation)
    return Speaker(Author.AGENT, agent.id, name, voice.say("desk.author", name=name))


async def _voice(session: ReadSession, conversation: Conversation) -> Voice:
    facts, _sample = await read_shop(session)
    return Texts.shipped().voice(conversation.language or "zh", facts)
