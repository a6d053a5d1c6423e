"""What nobody does is done by the clock: promises that passed, words that nobody answered, owners who are gone.

Each look is one statement; each conversation is then tended in a transaction of its own. Nothing here commits.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from conversations import news, repository
from conversations.desk.cases import Case, case_of, change_owner, find_case
from conversations.desk.holding import give_to_bot
from conversations.dialogues.late import say_late
from conversations.memory import Complaining, read_memory, write_memory
from conversations.models import Conversation, Message
from conversations.threads import Thread
from conversations.values import Author, Owner
from core import signals
from core.database import ReadSession
from customers.models import Customer
from tickets import clocks, sla
from tickets import timeline as ticket_timeline
from tickets.models import FIRST_NUMBER, Ticket
from tickets.policy import Work
from tickets.queue import TO_DO
from tickets.repository import lock_ticket
from tickets.values import LIVE, EventType

#: The new time after one that passed, in opening hours; the second time it is longer, a third one is not named.
_AGAIN = (timedelta(hours=1), timedelta(hours=4))
#: Words that nobody answered come up after so long.
SURFACES_AFTER = timedelta(minutes=30)
_SURFACES_WITHIN = timedelta(days=7)
_CALL_EARLIEST = timedelta(hours=1)


async def find_unsettled(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Conversations whose case has ended, or that somebody holds who does not have the case any more."""
    has_another = or_(Ticket.assignee_id.is_(None), Ticket.assignee_id != Conversation.agent_id)
    query = (
        select(Conversation.id)
        .join(Ticket, Ticket.id == Conversation.ticket_id)
        .where(Conversation.owner != Owner.BOT)
        .where(or_(Ticket.status.not_in(LIVE), and_(Conversation.owner == Owner.TAKEN, has_another)))
    )
    return list(await session.scalars(query.order_by(Conversation.id).limit(limit)))


async def settle(work: Work, conversation_id: int) -> bool:
    """Gives such a conversation to the bot, or lets it wait for whoever takes the case. False: it is settled."""
    case = await _lock(work, conversation_id)
    if case is None or case.thread is None:
        return False
    conversation = case.thread.conversation
    if conversation.owner is Owner.BOT:
        return False
    if not case.ticket.status.is_live:
        await _back_to_bot(work, case.thread)
    elif conversation.owner is Owner.TAKEN and conversation.agent_id != case.ticket.assignee_id:
        change_owner(work.session, conversation, Owner.WAITING, None, work.now)
    else:
        return False
    await work.session.flush()
    return True


async def _back_to_bot(work: Work, thread: Thread) -> None:
    """Whoever spoke there has stopped: that is said. Nobody had come: then there is nothing to say."""
    if thread.conversation.owner is Owner.TAKEN:
        await give_to_bot(work, thread)
        return
    thread.conversation.unanswered_since = thread.conversation.answer_by = None
    change_owner(work.session, thread.conversation, Owner.BOT, None, work.now)


async def _lock(work: Work, conversation_id: int) -> Case | None:
    """The conversation with the ticket that it is about, locked in order; None when that has just changed."""
    seen = await repository.get_conversation(work.session, conversation_id)
    if seen.ticket_id is None:
        return None
    ticket = await lock_ticket(work.session, seen.ticket_id + FIRST_NUMBER - 1)
    thread = await repository.lock_thread(work.session, conversation_id)
    return Case(ticket, thread) if thread.conversation.ticket_id == ticket.id else None


async def find_late(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Conversations whose customer was told a time that has passed without an answer; while we wait, none passes."""
    query = select(Conversation.id).join(Ticket, Ticket.id == Conversation.ticket_id)
    query = query.where(Conversation.answer_by <= now, Conversation.owner != Owner.BOT, Ticket.status.in_(TO_DO))
    return list(await session.scalars(query.order_by(Conversation.answer_by).limit(limit)))


async def own_up(work: Work, conversation_id: int) -> bool:
    """Says that the time has passed, names a new one, offers a call, and answers what it can meanwhile."""
    case = await _lock(work, conversation_id)
    if case is None or case.thread is None:
        return False
    conversation = case.thread.conversation
    said = conversation.answer_by
    if said is None or said > work.now or conversation.owner is Owner.BOT or case.ticket.status not in TO_DO:
        return False
    memory, _readable = read_memory(conversation.state)
    times = memory.late_told
    conversation.answer_by = await _new_time(work, case.ticket, times)
    if conversation.owner is Owner.TAKEN:
        change_owner(work.session, conversation, Owner.WAITING, None, work.now)
    data = {"said": said.isoformat(), "times": times + 1}
    ticket_timeline.record(work, case.ticket, EventType.WORD_PASSED, data=data)
    if times < len(_AGAIN):
        await _say_late(work, case, said)
    await work.session.flush()
    return True


async def _new_time(work: Work, ticket: Ticket, times: int) -> datetime | None:
    if times >= len(_AGAIN):
        return None
    hours = await clocks.hours_of(work, ticket)
    return sla.later(hours.open, work.now, _AGAIN[times])


async def _say_late(work: Work, case: Case, said: datetime) -> None:
    assert case.thread is not None
    conversation = case.thread.conversation
    memory, _readable = read_memory(conversation.state)
    told = memory.model_copy(update={"late_told": memory.late_told + 1, "wait_told_at": work.now})
    conversation.state = write_memory(told)
    listener = await news.listener_of(work, case.thread)
    slots = await _call_slots(work, case.ticket)
    say = say_late(said, conversation.answer_by, slots, work.now, listener.zone, listener.language)
    # What was being asked about a complaint can still be answered, in words.
    intake = told.dialogue if isinstance(told.dialogue, Complaining) else None
    await news.tell(work, case.thread, say, case.ticket.id, dialogue=intake)


async def _call_slots(work: Work, ticket: Ticket) -> tuple[datetime, ...]:
    """Two whole hours at which people are there: the next, and the first of the next day."""
    hours = (await clocks.hours_of(work, ticket)).open
    first = _whole_hour(hours.next_open(work.now + _CALL_EARLIEST))
    midnight = (first.astimezone(hours.zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (first, _whole_hour(hours.next_open(midnight)))


def _whole_hour(at: datetime) -> datetime:
    past = timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    return at - past + timedelta(hours=1) if past else at


async def find_forgotten(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Conversations that end with the customer's word, with no answer, case or time behind it."""
    blocked = and_(Customer.blocked_until.is_not(None), Customer.blocked_until > now)
    query = (
        select(Conversation.id)
        .join(Message, and_(Message.conversation_id == Conversation.id, Message.seq == Conversation.last_seq))
        .join(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Ticket, Ticket.id == Conversation.ticket_id)
        .where(Conversation.last_at <= now - SURFACES_AFTER, Conversation.last_at > now - _SURFACES_WITHIN)
        .where(Message.author == Author.CUSTOMER, ~blocked, Customer.erased_at.is_(None))
        .where(or_(Ticket.id.is_(None), Ticket.status.not_in(LIVE)))
    )
    return list(await session.scalars(query.order_by(Conversation.last_at).limit(limit)))


async def surface(work: Work, conversation_id: int) -> bool:
    """Opens a case for such a conversation: somebody will look at it. False: it has one, or an answer, by now."""
    conversation = await repository.get_conversation(work.session, conversation_id)
    newest = select(Message).where(Message.conversation_id == conversation_id, Message.seq == conversation.last_seq)
    last = await work.session.scalar(newest)
    if last is None or last.author is not Author.CUSTOMER or await find_case(work.session, conversation) is not None:
        return False
    number = await case_of(work, conversation_id)
    ticket = await lock_ticket(work.session, number)
    thread = await repository.lock_thread(work.session, conversation_id)
    thread.conversation.ticket_id = ticket.id
    thread.conversation.unanswered_since = thread.conversation.unanswered_since or last.at
    if thread.conversation.owner is Owner.BOT:
        change_owner(work.session, thread.conversation, Owner.WAITING, None, work.now)
    ticket_timeline.record(work, ticket, EventType.FLAGGED, text="forgotten", data={"since": last.at.isoformat()})
    work.session.signal(signals.CONVERSATIONS)
    await work.session.flush()
    return True
