"""News of a ticket that the customer has not just asked for, in their conversation. Nothing here commits.

Locks are taken as everywhere: the ticket, then the conversation.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from conversations import news
from conversations.case_facts import Case
from conversations.days import by_words
from conversations.desk.cases import lock_place
from conversations.dialogues.cases import ended_say
from conversations.dialogues.ratings import ask_if_solved
from conversations.memory import Idle, Rating, clean_slate, read_memory
from conversations.models import Message
from conversations.reading import STAFFED
from conversations.steps import Say
from conversations.threads import Thread
from conversations.values import Owner
from tickets import lateness, service, sweep
from tickets.models import FIRST_NUMBER, Ticket
from tickets.policy import Work
from tickets.repository import lock_ticket
from tickets.values import Resolution, Target, TicketStatus

#: By whether it is the end that is late, and whether somebody has taken the ticket.
_LATE = {
    (False, True): "case.late",
    (False, False): "case.late_nobody",
    (True, True): "case.late_solution",
    (True, False): "case.late_solution_nobody",
}


async def ask_after_the_end(work: Work, thread: Thread, ticket: Ticket) -> Message:
    """Asks in a locked conversation whether it is solved; the bot answers there again, whoever had it."""
    conversation = thread.conversation
    if conversation.owner is not Owner.BOT:
        conversation.owner, conversation.owner_since, conversation.agent_id = Owner.BOT, work.now, None
        conversation.owner_epoch += 1
        conversation.unanswered_since = None
    conversation.ticket_id, conversation.answer_by = ticket.id, None
    conversation.state = clean_slate(conversation.state)
    say, rating = ask_if_solved(_case(ticket))
    return await news.tell(work, thread, say, ticket.id, dialogue=rating)


async def tell_of_reopening(work: Work, thread: Thread, ticket: Ticket) -> None:
    """It is open again, and by when there is an answer."""
    due = await service.answer_by(work.session, ticket)
    thread.conversation.ticket_id, thread.conversation.answer_by = ticket.id, due
    say = await _say(work, thread, ticket, "case.reopened_by_us", by=due)
    await news.tell(work, thread, say, ticket.id, dialogue=Idle())


async def tell_of_the_end(work: Work, thread: Thread, ticket: Ticket) -> None:
    """Staff have ended it: whoever has not rated it is asked whether it is solved, once; what was withdrawn can come
    back.
    """
    if ticket.resolution is Resolution.WITHDRAWN:
        await news.tell(work, thread, ended_say(_case(ticket)), ticket.id)
    elif ticket.score_at is None and not _is_being_asked(thread, ticket):
        say, rating = ask_if_solved(_case(ticket), "case.closed_by_us")
        await news.tell(work, thread, say, ticket.id, dialogue=rating)


def _is_being_asked(thread: Thread, ticket: Ticket) -> bool:
    """Whether the newest question there is how this was solved."""
    memory, _readable = read_memory(thread.conversation.state)
    return isinstance(memory.dialogue, Rating) and memory.dialogue.number == ticket.number


async def tell_of_merging(work: Work, thread: Thread, source: Ticket, into: Ticket) -> None:
    """Under which number it goes on, and by when there is an answer."""
    due = await service.answer_by(work.session, into)
    if thread.conversation.ticket_id == into.id:
        thread.conversation.answer_by = due
    say = await _say(work, thread, source, "case.merged", by=due)
    told = replace(say, slots={**say.slots, "into": str(into.number)}, below=("case.promised",) if due else ())
    await news.tell(work, thread, told, into.id)


async def tell_who_waits(work: Work, ticket_ids: Sequence[int]) -> int:
    """Before a promise breaks: a new time, and who is on it; how many were told. A shop without staff promised none."""
    if not await work.session.scalar(select(STAFFED)):
        return 0
    count = 0
    for ticket_id in ticket_ids:
        ticket = await lock_ticket(work.session, ticket_id + FIRST_NUMBER - 1)
        thread = await lock_place(work, ticket)
        late = await lateness.promise_anew(work, ticket)
        if late is not None and thread is not None:
            if thread.conversation.ticket_id == ticket.id:
                thread.conversation.answer_by = late.new_at
            await news.tell(work, thread, await _late(work, thread, late), ticket.id)
        count += late is not None
    return count


async def _late(work: Work, thread: Thread, late: lateness.Late) -> Say:
    key = _LATE[late.target is Target.RESOLUTION, late.name is not None]
    say = await _say(work, thread, late.ticket, key, promised=late.promised_at, by=late.new_at)
    return Say(key, {**say.slots, "name": late.name or ""})


async def end_silence(work: Work, ticket_ids: Sequence[int]) -> int:
    """As `sweep.end_silence`; whoever is warned, and whose ticket ends, hears it."""
    count = 0
    for ticket_id in ticket_ids:
        ticket = await lock_ticket(work.session, ticket_id + FIRST_NUMBER - 1)
        thread = await lock_place(work, ticket)
        was_pending = ticket.status is TicketStatus.PENDING
        done = await sweep.end_silence(work, [ticket_id])
        count += done
        if done and was_pending and thread is not None:
            await _tell_of_silence(work, thread, ticket)
    return count


async def _tell_of_silence(work: Work, thread: Thread, ticket: Ticket) -> None:
    if ticket.status is TicketStatus.PENDING:
        life = work.policy.rules.life
        closes = work.now + timedelta(days=life.silence_close_days - life.silence_warn_days)
        await news.tell(work, thread, await _say(work, thread, ticket, "case.still_there", by=closes), ticket.id)
    else:
        await news.tell(work, thread, ended_say(_case(ticket)), ticket.id)


async def _say(work: Work, thread: Thread, ticket: Ticket, key: str, **times: datetime | None) -> Say:
    listener = await news.listener_of(work, thread)
    words = {name: by_words(at, work.now, listener.zone, listener.language) for name, at in times.items()}
    return Say(key, {"number": str(ticket.number), "fact": ticket.subject, **words})


def _case(ticket: Ticket) -> Case:
    return Case(ticket.number, ticket.kind, ticket.status, ticket.subject, resolution=ticket.resolution)
