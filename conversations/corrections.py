"""What agents put right in their own replies: other words, or none. An edit is a new message that replaces an older."""

from datetime import datetime

from conversations import repository, timeline
from conversations.desk.speaking import checked_words, speaker_of
from conversations.models import Message
from conversations.values import Author, MessageKind, OutgoingMessage
from core.database import WriteSession
from core.errors import Conflict, NotAllowed, NotFound
from staff.values import Actor


class MessageNotFound(NotFound):
    """There is no such message."""


class NotOwnReply(NotAllowed):
    """Only who wrote a reply changes it."""

    code = "not_own_reply"


class TakenBack(Conflict):
    """The reply was taken back before."""

    code = "taken_back"


async def mend(session: WriteSession, message_id: int, agent: Actor, text: str, now: datetime) -> Message:
    """Gives an own reply other words, where the customer has it before their eyes too; its attachments stay.

    Raises:
        MessageNotFound, NotOwnReply, TakenBack
        InvalidInput: nothing to say, or too much of it.
    """
    return await _replace(session, message_id, agent, checked_words(text), now)


async def take_back(session: WriteSession, message_id: int, agent: Actor, now: datetime) -> Message:
    """Takes an own reply away, as far as the channel lets us.

    Raises:
        MessageNotFound, NotOwnReply, TakenBack
    """
    return await _replace(session, message_id, agent, "", now)


async def _replace(session: WriteSession, message_id: int, agent: Actor, text: str, now: datetime) -> Message:
    first = await session.get(Message, message_id)
    if first is None:
        raise MessageNotFound(f"there is no message {message_id}")
    if first.author is not Author.AGENT or first.agent_id != agent.id:
        raise NotOwnReply("only who wrote a reply changes it")
    thread = await repository.lock_thread(session, first.conversation_id)
    newest = await session.get_one(Message, (await repository.list_wordings(session, first))[-1])
    if newest.replaces_id is not None and not newest.text:
        raise TakenBack("this reply was taken back")
    attachments = tuple(newest.attachments) if text else ()
    said = OutgoingMessage(text=text, attachments=attachments, kind=MessageKind.AGENT_REPLY, replaces=newest.id)
    message = await timeline.say(session, thread, said, now, await speaker_of(session, thread, agent))
    thread.conversation.version += 1
    await session.flush()
    return message
