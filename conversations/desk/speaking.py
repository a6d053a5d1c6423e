"""What staff say: only the one who has the case speaks to the customer, all other words are notes. No commits here."""

from collections.abc import Sequence

from conversations import repository, timeline
from conversations.desk import words
from conversations.desk.cases import Case, find_case, find_place, holder_name, lock_place, voice_for
from conversations.desk.errors import NobodyToTalkTo
from conversations.desk.holding import hold, must_hold
from conversations.models import Message
from conversations.threads import Speaker, Thread
from conversations.values import Attachment, Author, MessageKind, OutgoingMessage, Owner
from core.database import ReadSession
from core.errors import InvalidInput
from staff.values import Actor
from tickets import desk as ticket_desk
from tickets import given_words, helping
from tickets.models import Ticket, TicketEvent
from tickets.policy import Work
from tickets.repository import get_ticket, lock_ticket
from tickets.status import Move, after
from tickets.values import TakenAlready

MAX_REPLY = 10_000


async def reply(
    work: Work,
    actor: Actor,
    number: int,
    text: str,
    attachments: Sequence[Attachment] = (),
    reply_to: int | None = None,
) -> tuple[Case, Message]:
    """Says something to the customer under the agent's alias; a case that is nobody's becomes the agent's.

    `reply_to`: a message of the conversation that is quoted.

    Raises:
        TicketNotFound, NotYours, IllegalMove
        NobodyToTalkTo
        TakenAlready: a colleague speaks there; whoever wants to, has the case assigned to them first.
        InvalidInput: nothing to say, or more than MAX_REPLY characters.
    """
    case, said = await ready(work, actor, number, text, attachments)
    return case, await say(work, actor, case, said, attachments, reply_to)


async def ready(
    work: Work, actor: Actor, number: int, text: str, attachments: Sequence[Attachment] = ()
) -> tuple[Case, str]:
    """The case with `actor` as the one who speaks there, and the words as they go out. Raises what `reply` does."""
    said = checked_words(text, attachments)
    found = await get_ticket(work.session, number)
    if await find_place(work.session, found.customer_id, found.identity_id) is None:
        raise NobodyToTalkTo("this customer has not written on any channel; call or write to them, and make a note")
    ticket = await ticket_desk.lock_for(work, number, actor)
    case = Case(ticket, await lock_place(work, ticket))
    if ticket.status.is_live:
        if ticket.assignee_id is None:
            await ticket_desk.claim(work, ticket, actor)
        await hold(work, actor, case)
        await _must_be_alone(work, actor, case)
    return case, said


async def _must_be_alone(work: Work, actor: Actor, case: Case) -> None:
    conversation = case.thread.conversation if case.thread else None
    if conversation is not None and conversation.owner is Owner.TAKEN and conversation.agent_id != actor.id:
        name = await holder_name(work.session, conversation)
        raise TakenAlready(f"{name} speaks with this customer; have the ticket assigned to you first")


async def reply_in_conversation(
    work: Work,
    actor: Actor,
    conversation_id: int,
    text: str,
    attachments: Sequence[Attachment] = (),
    reply_to: int | None = None,
) -> Message:
    """The same, by whoever has taken the conversation.

    Raises:
        ConversationNotFound, NotTaken, TakenByOther, InvalidInput
    """
    said = checked_words(text, attachments)
    conversation = await repository.get_conversation(work.session, conversation_id)
    ticket = await find_case(work.session, conversation)
    if ticket is not None:
        ticket = await lock_ticket(work.session, ticket.number)
    thread = await repository.lock_thread(work.session, conversation_id)
    await must_hold(work, thread.conversation, actor)
    if ticket is None:
        return await _say(work, actor, thread, said, attachments, reply_to)
    return await say(work, actor, Case(ticket, thread), said, attachments, reply_to)


async def say(
    work: Work, actor: Actor, case: Case, text: str, attachments: Sequence[Attachment], reply_to: int | None = None
) -> Message:
    """The words of whoever holds the conversation of a locked case: promises of an answer are kept by it.

    Raises:
        NotTaken, TakenByOther, IllegalMove
    """
    assert case.thread is not None
    after(Move.REPLY, case.ticket.status)
    if case.ticket.status.is_live:
        await must_hold(work, case.thread.conversation, actor)
    message = await _say(work, actor, case.thread, text, attachments, reply_to)
    message.ticket_id = case.ticket.id
    await ticket_desk.replied(work, case.ticket, text, message.id)
    await _keep_word(work, actor, case.ticket, case.thread, text)
    return message


async def _keep_word(work: Work, actor: Actor, ticket: Ticket, thread: Thread, text: str) -> None:
    """What was promised before is kept; a time in these words is promised from now on."""
    times = words.read_times(text, work.now, work.policy.zone) if ticket.status.is_live else ()
    await given_words.keep(work, ticket, times)
    await given_words.give(work, ticket, actor.id, times)
    if times:
        thread.conversation.answer_by = times[0].at
    await work.session.flush()


async def _say(
    work: Work,
    actor: Actor,
    thread: Thread,
    text: str,
    attachments: Sequence[Attachment],
    reply_to: int | None = None,
) -> Message:
    said = OutgoingMessage(text=text, attachments=tuple(attachments), kind=MessageKind.AGENT_REPLY, reply_to=reply_to)
    speaker = await speaker_of(work.session, thread, actor)
    message = await timeline.say(work.session, thread, said, work.now, speaker)
    thread.conversation.unanswered_since = thread.conversation.answer_by = None
    thread.conversation.version += 1
    await work.session.flush()
    return message


async def note(
    work: Work, actor: Actor, number: int, text: str, attachments: Sequence[str] = (), *, in_group: bool = False
) -> TicketEvent:
    """Words that stay among staff: of whoever has the case, of colleagues asked in, of everybody in the desk's group.

    Raises:
        TicketNotFound, NotYours
        InvalidInput: nothing, or too much.
    """
    said = checked_words(text, attachments)
    ticket = await lock_ticket(work.session, number)
    if not in_group and not await helping.is_helper(work.session, ticket, actor.id):
        ticket_desk.must_own(actor, ticket)
    ticket_desk.note_reaction(work, ticket, actor)
    return await ticket_desk.note(work, ticket, said, attachments)


def checked_words(text: str, attachments: Sequence[object] = ()) -> str:
    """The words of a reply without the space around them. Raises InvalidInput: none and no attachment, or too many."""
    said = text.strip()
    if not said and not attachments:
        raise InvalidInput("a reply needs words or an attachment", {"text": "is empty"})
    if len(said) > MAX_REPLY:
        raise InvalidInput("the reply is too long", {"text": f"has {len(said)} characters; {MAX_REPLY} at most"})
    return said


async def speaker_of(session: ReadSession, thread: Thread, actor: Actor) -> Speaker:
    """The agent as customers see them: by alias, on every channel."""
    name = actor.alias or actor.name
    voice = await voice_for(session, thread.conversation)
    return Speaker(Author.AGENT, actor.id, name, voice.say("desk.author", name=name))
