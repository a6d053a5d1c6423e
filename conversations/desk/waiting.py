"""A case that waits: for the customer, for somebody else, until a time. Nothing here commits."""

from datetime import datetime

from conversations.desk.cases import Case, lock_case
from staff.values import Actor
from tickets import desk as ticket_desk
from tickets import snoozing
from tickets.desk import Hold
from tickets.policy import Work


async def pend(work: Work, actor: Actor, number: int) -> Case:
    """We wait for the customer; promises stand still. Raises TicketNotFound, NotYours, IllegalMove."""
    case = await lock_case(work, number, actor)
    await ticket_desk.pend(work, case.ticket)
    _owe_nothing(case)
    return case


async def hold_for(work: Work, actor: Actor, number: int, until: Hold) -> Case:
    """We wait for a third party; promises stand still.

    Raises:
        TicketNotFound, NotYours, IllegalMove
        InvalidInput: the time has passed.
    """
    case = await lock_case(work, number, actor)
    await ticket_desk.hold(work, case.ticket, until)
    return case


async def snooze(work: Work, actor: Actor, number: int, until: datetime) -> Case:
    """Out of the queue until then, or until the customer writes; promises go on.

    Raises:
        TicketNotFound, NotYours, IllegalMove
        InvalidInput: the time has passed.
    """
    case = await lock_case(work, number, actor)
    await snoozing.snooze(work, case.ticket, until)
    return case


def _owe_nothing(case: Case) -> None:
    if case.thread is not None and case.is_talked_about:
        case.thread.conversation.answer_by = None
