"""How staff end a case: resolve, close, withdraw, reopen, merge. Nothing here commits."""

from collections.abc import Awaitable, Callable

from sqlalchemy import update

from conversations.desk.cases import Case, lock_case, lock_place
from conversations.desk.holding import give_to_bot, let_go
from conversations.desk.undoing import release_all
from conversations.news import say_as
from conversations.threads import Thread
from conversations.ticket_news import ask_after_the_end, tell_of_merging, tell_of_reopening, tell_of_the_end
from conversations.values import Owner
from staff.models import Agent
from staff.service import as_actor
from staff.values import Actor
from tickets import desk as ticket_desk
from tickets import ending
from tickets.models import GivenWord, Ticket
from tickets.policy import Work
from tickets.repository import lock_ticket

End = Callable[[Work, Ticket, str | None], Awaitable[Ticket]]


async def resolve(
    work: Work, actor: Actor, number: int, version: int | None, text: str | None = None, root_cause: str | None = None
) -> Case:
    """Solved, as far as we know: the customer reads `text` and is asked, and the bot answers again.

    Raises:
        TicketNotFound, NotYours, StaleVersion, IllegalMove, RootCauseMissing
        InvalidInput: there is no such cause.
    """
    case = await lock_case(work, number, actor, version)
    await release_all(work, case)
    await ending.resolve(work, case.ticket, text, root_cause)
    if case.thread is None or not case.ticket.kind.has_clock:
        return case
    conversation = case.thread.conversation
    if conversation.owner is not Owner.TAKEN or case.is_talked_about or conversation.ticket_id is None:
        if text:
            await say_as(work, case.thread, actor, text, case.ticket.id)
        await ask_after_the_end(work, case.thread, case.ticket)
    return case


async def end(work: Work, actor: Actor, number: int, how: End, text: str | None = None) -> Case:
    """Close or withdraw: the bot answers again where it was talked about, and the customer hears of it, or is still
    asked whether it is solved.

    Raises:
        TicketNotFound, NotYours, IllegalMove
    """
    case = await lock_case(work, number, actor)
    await how(work, case.ticket, text)
    if case.thread is not None and case.is_talked_about and case.thread.conversation.owner is not Owner.BOT:
        await give_to_bot(work, case.thread)
    if case.thread is not None and _hears(case.thread, case.ticket):
        await tell_of_the_end(work, case.thread, case.ticket)
    return case


def _hears(thread: Thread, ticket: Ticket) -> bool:
    """Whether the bot speaks of the ticket: it has promises, and nobody talks about something else there."""
    return ticket.kind.has_clock and thread.conversation.owner is not Owner.TAKEN


async def reopen(work: Work, actor: Actor, number: int, text: str | None = None) -> Case:
    """It is not solved after all, and the customer hears it. Raises TicketNotFound, NotYours, IllegalMove."""
    case = await lock_case(work, number, actor)
    await ending.reopen(work, case.ticket, text)
    if case.thread is not None and _hears(case.thread, case.ticket):
        await tell_of_reopening(work, case.thread, case.ticket)
    return case


async def merge(work: Work, actor: Actor, number: int, into: int, version: int | None) -> Case:
    """The case goes on in `into`, and so does what is said about it; the customer hears under which number.

    Raises:
        TicketNotFound, NotYours, StaleVersion, IllegalMove
    """
    locked = {each: await lock_ticket(work.session, each) for each in sorted({number, into})}
    source, target = locked[number], locked[into]
    ticket_desk.must_own(actor, source)
    ticket_desk.check_version(source, version)
    holder = await work.session.get(Agent, source.assignee_id) if source.assignee_id else None
    await ending.merge(work, source, target)
    words = update(GivenWord).where(GivenWord.ticket_id == source.id)
    await work.session.execute(words.values(ticket_id=target.id))
    if holder is not None and target.assignee_id is None:
        await ticket_desk.claim(work, target, as_actor(holder))
    thread = await lock_place(work, source)
    if thread is not None and thread.conversation.ticket_id == source.id:
        thread.conversation.ticket_id = target.id
    case = Case(target, thread)
    await let_go(work, case)
    if thread is not None and source.kind.has_clock:
        await tell_of_merging(work, thread, source, target)
    await work.session.flush()
    return case
