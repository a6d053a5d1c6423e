"""Who answers for a case: take, assign, hand over, hand back, ask a colleague in. Nothing here commits."""

from conversations import memory, repository, timeline
from conversations.desk import packets
from conversations.desk.cases import (
    Case,
    case_of,
    change_owner,
    find_case,
    holder_name,
    lock_case,
    lock_place,
    voice_for,
)
from conversations.desk.errors import NotTaken, TakenByOther
from conversations.models import Conversation
from conversations.threads import Thread
from conversations.values import OutgoingMessage, Owner
from staff import service as staff_service
from staff.models import Agent, Team
from staff.values import Actor, Role
from tickets import desk as ticket_desk
from tickets import ending, helping, queue
from tickets import timeline as ticket_timeline
from tickets.models import Ticket
from tickets.policy import Work
from tickets.repository import lock_ticket
from tickets.values import EventType, TicketKind


async def take(work: Work, actor: Actor, number: int) -> Case:
    """`actor` answers for the case from here on, and the bot keeps still where its customer is talked to.

    A colleague who speaks there about another matter goes on. One's own again changes nothing.

    Raises:
        TicketNotFound, IllegalMove
        TakenAlready: somebody else has it.
    """
    ticket = await ticket_desk.take(work, number, actor)
    return await hold(work, actor, Case(ticket, await lock_place(work, ticket)))


async def take_next(work: Work, actor: Actor) -> Case | None:
    """`take` of the most urgent case that is nobody's; None when nothing waits for `actor`."""
    ticket = await queue.lock_next(work, actor.id)
    if ticket is None:
        return None
    await ticket_desk.claim(work, ticket, actor)
    return await hold(work, actor, Case(ticket, await lock_place(work, ticket)))


async def take_conversation(work: Work, actor: Actor, conversation_id: int) -> Conversation:
    """`take` of the case that the conversation is about; one is opened when there is none.

    Raises:
        ConversationNotFound, TakenAlready
    """
    case = await take(work, actor, await case_of(work, conversation_id))
    if case.thread is not None and case.thread.conversation.id == conversation_id:
        return case.thread.conversation
    return await repository.get_conversation(work.session, conversation_id)


async def hold(work: Work, actor: Actor, case: Case) -> Case:
    """The conversation of a case that `actor` has taken is theirs, unless a colleague speaks there."""
    if case.thread is None or not case.ticket.status.is_live:
        return case
    conversation = case.thread.conversation
    if conversation.owner is Owner.TAKEN and conversation.agent_id != actor.id:
        return case
    conversation.ticket_id = case.ticket.id
    if conversation.owner is not Owner.TAKEN:
        change_owner(work.session, conversation, Owner.TAKEN, actor.id, work.now)
    await work.session.flush()
    return case


async def assign(
    work: Work, actor: Actor, number: int, version: int | None, agent: Agent | None, team: Team | None
) -> Case:
    """Gives the case to a person, a team, or both; until they take it the bot answers what it can.

    A person to whom it is new finds the packet with it, as at a hand-over.

    Raises:
        TicketNotFound, NotYours, StaleVersion, IllegalMove, InvalidInput
    """
    case = await lock_case(work, number, actor, version)
    had_it = case.ticket.assignee_id
    await ticket_desk.assign(work, case.ticket, agent, team)
    if agent is not None and agent.id != had_it:
        await packets.pass_along(work, case.ticket, agent)
    await let_go(work, case)
    return case


async def hand_over(work: Work, actor: Actor, number: int, to: Agent, words: str | None = None) -> Case:
    """`assign` at the end of a shift, with the packet: reason, facts, articles shown, promises, what was told.

    Raises:
        TicketNotFound, NotYours, IllegalMove, InvalidInput
    """
    case = await lock_case(work, number, actor)
    await ticket_desk.assign(work, case.ticket, to, None)
    await packets.pass_along(work, case.ticket, to, words)
    await let_go(work, case)
    return case


async def let_go(work: Work, case: Case) -> None:
    """Whoever spoke there does not have the case any more: the customer waits for the next one."""
    if not case.is_talked_about or case.thread is None:
        return
    conversation = case.thread.conversation
    if conversation.owner is Owner.TAKEN and conversation.agent_id != case.ticket.assignee_id:
        change_owner(work.session, conversation, Owner.WAITING, None, work.now)
    await work.session.flush()


async def hand_back(work: Work, actor: Actor, number: int) -> Case:
    """The bot answers again, with a clean slate, and tells the customer so.

    A question ends with it; a complaint, and what is severe, stays with whoever has it.

    Raises:
        TicketNotFound, NotYours
        NotTaken: nobody has taken it; TakenByOther: somebody speaks there about another matter.
    """
    case = await lock_case(work, number, actor)
    if case.thread is None or case.thread.conversation.owner is not Owner.TAKEN:
        raise NotTaken(f"nobody has taken the conversation of ticket {number}; the bot answers there")
    if not case.is_talked_about:
        name = await holder_name(work.session, case.thread.conversation)
        raise TakenByOther(f"{name} speaks there about another ticket")
    await _end_question(work, case.ticket)
    await give_to_bot(work, case.thread)
    return case


async def hand_back_conversation(work: Work, actor: Actor, conversation_id: int) -> Conversation:
    """`hand_back` of the case that the conversation is about. A supervisor may do it for others.

    Raises:
        ConversationNotFound, NotTaken, TakenByOther
    """
    conversation = await repository.get_conversation(work.session, conversation_id)
    ticket = await find_case(work.session, conversation)
    if ticket is not None:
        await lock_ticket(work.session, ticket.number)
    thread = await repository.lock_thread(work.session, conversation_id)
    if not actor.is_at_least(Role.SUPERVISOR) or thread.conversation.owner is not Owner.TAKEN:
        await must_hold(work, thread.conversation, actor)
    if ticket is not None:
        await _end_question(work, ticket)
    await give_to_bot(work, thread)
    return thread.conversation


async def must_hold(work: Work, conversation: Conversation, actor: Actor) -> None:
    """Raises NotTaken, TakenByOther."""
    if conversation.owner is not Owner.TAKEN:
        raise NotTaken("nobody has taken this conversation; take it first")
    if conversation.agent_id != actor.id:
        raise TakenByOther(f"{await holder_name(work.session, conversation)} has taken this conversation")


async def give_to_bot(work: Work, thread: Thread) -> None:
    """The bot answers there from now on, as if nothing had been open, and says so."""
    conversation = thread.conversation
    conversation.unanswered_since = conversation.answer_by = None
    conversation.state = memory.clean_slate(conversation.state)
    change_owner(work.session, conversation, Owner.BOT, None, work.now)
    voice = await voice_for(work.session, conversation)
    await timeline.say(work.session, thread, OutgoingMessage(text=voice.say("desk.handed_back")), work.now)
    await work.session.flush()


async def _end_question(work: Work, ticket: Ticket) -> None:
    ticket_timeline.record(work, ticket, EventType.HANDED_BACK)
    if ticket.kind is TicketKind.QUESTION and not ticket.severity.is_severe:
        await ending.resolve(work, ticket)


async def escalate(work: Work, actor: Actor, number: int, words: str | None) -> Case:
    """A supervisor hears of it; whoever has it keeps it. Raises TicketNotFound, NotYours, IllegalMove."""
    case = await lock_case(work, number, actor)
    await ticket_desk.escalate(work, case.ticket, words)
    return case


async def ask(work: Work, actor: Actor, number: int, name: str, words: str | None = None) -> Case:
    """A colleague looks in without taking over.

    Raises:
        TicketNotFound, NotYours, InvalidInput
    """
    case = await lock_case(work, number, actor)
    await helping.ask(work, case.ticket, await staff_service.get_agent(work.session, name), words)
    return case
