"""What agents put right in their own replies: other words, or none. An edit is a new message that replaces an older."""

from datetime import datetime

from conversations import repository, timeline
from conversations.desk.speaking import checked_words, speaker_of
from conversations.desk.undoing import AreYouSure
from conversations.desk.words import guarantees, read_times
from conversations.models import Message
from conversations.threads import Thread
from conversations.values import Author, MessageKind, OutgoingMessage
from core.database import ReadSession, WriteSession
from core.errors import Conflict, NotAllowed, NotFound
from staff.values import Actor
from tickets import given_words
from tickets.models import FIRST_NUMBER, Ticket
from tickets.policy import Work
from tickets.repository import lock_ticket
from tickets.values import GivenTime


class MessageNotFound(NotFound):
    """There is no such message."""


class NotOwnReply(NotAllowed):
    """Only who wrote a reply changes it."""

    code = "not_own_reply"


class TakenBack(Conflict):
    """The reply was taken back before."""

    code = "taken_back"


async def mend(work: Work, message_id: int, agent: Actor, text: str, *, sure: bool = False) -> Message:
    """Gives an own reply other words, where the customer has it before their eyes too; its attachments stay.

    A time that they name for the first time is promised from now on, in place of one that they name no more.

    Raises:
        MessageNotFound, NotOwnReply, TakenBack
        AreYouSure: they guarantee something that the reply did not, and `sure` was not said.
        InvalidInput: nothing to say, or too much of it.
    """
    said = checked_words(text)
    ticket, thread, newest = await _lock(work, message_id, agent)
    if not sure and guarantees(said) and not guarantees(newest.text):
        raise AreYouSure("this guarantees something; change it once more if you are sure")
    mended = await _replace(work.session, thread, newest, agent, said, work.now)
    await _change_promises(work, agent, ticket, thread, (newest, mended))
    return mended


async def take_back(work: Work, message_id: int, agent: Actor) -> Message:
    """Takes an own reply away, as far as the channel lets us; the times that it named bind no more.

    Raises:
        MessageNotFound, NotOwnReply, TakenBack
    """
    ticket, thread, newest = await _lock(work, message_id, agent)
    gone = await _replace(work.session, thread, newest, agent, "", work.now)
    await _change_promises(work, agent, ticket, thread, (newest, gone))
    return gone


async def _get_own(session: ReadSession, message_id: int, agent: Actor) -> Message:
    message = await session.get(Message, message_id)
    if message is None:
        raise MessageNotFound(f"there is no message {message_id}")
    if message.author is not Author.AGENT or message.agent_id != agent.id:
        raise NotOwnReply("only who wrote a reply changes it")
    return message


async def _lock(work: Work, message_id: int, agent: Actor) -> tuple[Ticket | None, Thread, Message]:
    """The locked case and conversation of an own reply, and its newest wording.

    Raises:
        MessageNotFound, NotOwnReply, TakenBack
    """
    first = await _get_own(work.session, message_id, agent)
    about = first.ticket_id
    ticket = await lock_ticket(work.session, about + FIRST_NUMBER - 1) if about is not None else None
    thread = await repository.lock_thread(work.session, first.conversation_id)
    newest = await work.session.get_one(Message, (await repository.list_wordings(work.session, first))[-1])
    if newest.replaces_id is not None and not newest.text:
        raise TakenBack("this reply was taken back")
    return ticket, thread, newest


async def _replace(
    session: WriteSession, thread: Thread, newest: Message, agent: Actor, text: str, now: datetime
) -> Message:
    attachments = tuple(newest.attachments) if text else ()
    said = OutgoingMessage(text=text, attachments=attachments, kind=MessageKind.AGENT_REPLY, replaces=newest.id)
    message = await timeline.say(session, thread, said, now, await speaker_of(session, thread, agent))
    message.ticket_id = newest.ticket_id
    thread.conversation.version += 1
    await session.flush()
    return message


async def _change_promises(
    work: Work, agent: Actor, ticket: Ticket | None, thread: Thread, wordings: tuple[Message, Message]
) -> None:
    """What both wordings name stays as it was promised first."""
    if ticket is None or not ticket.status.is_live:
        return
    before, after = (_times_by_words(work, one) for one in wordings)
    gone = {given.at for words, given in before.items() if words not in after}
    new = [given for words, given in after.items() if words not in before]
    if not gone and not new:
        return
    await given_words.take_off(work, ticket, agent.id, gone)
    await given_words.give(work, ticket, agent.id, new)
    if thread.conversation.ticket_id == ticket.id:
        still_open = await given_words.list_open(work.session, [ticket.id])
        thread.conversation.answer_by = still_open[0].due_at if still_open else None
    await work.session.flush()


def _times_by_words(work: Work, message: Message) -> dict[str, GivenTime]:
    return {given.words: given for given in read_times(message.text, message.at, work.policy.zone)}
