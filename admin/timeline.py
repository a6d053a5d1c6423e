"""A customer's timeline from all rooms: what happened, was said, complained of, given, and is planned or to be done.

A further room adds a source: a function that yields what it knows, and a line in `_SOURCES`.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

from sqlalchemy import Select, select

from conversations.models import Conversation, Message
from conversations.prompt_models import PromptAnswer
from core.database import ReadSession
from customers import timeline
from customers.task_models import Task
from customers.timeline import Happening
from scheduler.models import FollowUp
from tickets.models import Ticket
from tickets.money_models import Grant
from tickets.vouchers import hide_codes

#: Of each kind of thing no more than the newest so many.
MOST = 1000

Source = Callable[[ReadSession, int], AsyncIterator[Happening]]


async def list_all(session: ReadSession, customer_id: int) -> list[Happening]:
    """Newest first; what is planned for later stands at its time, above what has happened."""
    happened = await timeline.list_happenings(session, customer_id, MOST)
    found = [one for source in _SOURCES for one in [each async for each in source(session, customer_id)]]
    return timeline.newest_first([*happened, *found])


def _newest(model: Any, customer_id: int) -> Select[Any]:
    return select(model).where(model.customer_id == customer_id).order_by(model.id.desc()).limit(MOST)


async def _said(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    of_customer = select(Conversation.id).where(Conversation.customer_id == customer_id)
    said = select(Message).where(Message.conversation_id.in_(of_customer)).order_by(Message.id.desc()).limit(MOST)
    for message in await session.scalars(said):
        data = {
            "conversation": message.conversation_id,
            "author": message.author.value,
            "kind": message.kind.value if message.kind else None,
            "article": message.article,
            "attachments": [each.name or each.kind.value for each in message.attachments],
        }
        yield Happening(message.at, "message", hide_codes(message.text), message.name, data)


async def _tickets(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    """Each when it was opened, and when it was answered for and closed."""
    for ticket in await session.scalars(_newest(Ticket, customer_id)):
        data = {"ticket": ticket.number, "kind": ticket.kind.value, "status": ticket.status.value}
        yield Happening(ticket.opened_at, "ticket", ticket.subject, data=data)
        if ticket.resolved_at is not None:
            resolution = ticket.resolution.value if ticket.resolution else None
            yield Happening(ticket.resolved_at, "ticket_resolved", data=data | {"resolution": resolution})
        if ticket.closed_at is not None:
            yield Happening(ticket.closed_at, "ticket_closed", data=data)


async def _given(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    for grant in await session.scalars(_newest(Grant, customer_id)):
        data = {
            "compensation": grant.id, "kind": grant.kind.value, "state": grant.state.value,
            "amount_minor": grant.amount_minor, "currency": grant.currency,
        }  # fmt: skip
        yield Happening(grant.created_at, "compensation", grant.reason, grant.requested_by, data)


async def _tasks(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    """Each when it was written down, and when it was done."""
    for task in await session.scalars(_newest(Task, customer_id)):
        data = {"task": task.id, "kind": task.kind.value, "state": task.state.value, "subject": task.subject}
        due_at = task.due_at.isoformat() if task.due_at else None
        yield Happening(task.created_at, "task", task.text, data=data | {"due_at": due_at})
        if task.done_at is not None:
            yield Happening(task.done_at, "task_ended", task.text, task.done_by, data)


async def _follow_ups(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    """What a programme has said, or plans to say; a task of one is among the tasks."""
    for one in await session.scalars(_newest(FollowUp, customer_id)):
        data = {
            "follow_up": one.id, "programme": one.programme, "occasion": one.occasion, "kind": one.kind.value,
            "state": one.state.value, "because": one.because,
        }  # fmt: skip
        yield Happening(one.sent_at or one.due_at, "follow_up", data=data)


async def _answers(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    """What they told a follow-up: their words, else the score or the button that they chose."""
    for one in await session.scalars(_newest(PromptAnswer, customer_id)):
        data = {
            "follow_up": one.follow_up, "programme": one.programme, "answer": one.kind.value, "question": one.question,
            "value": one.value,
        }  # fmt: skip
        yield Happening(one.at, "follow_up_answer", one.words or one.value, data=data)


_SOURCES: tuple[Source, ...] = (_said, _tickets, _given, _tasks, _follow_ups, _answers)
