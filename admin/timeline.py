"""A customer's timeline from all rooms: what happened, was said, sent, complained of, given, and is to be done."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from conversations.models import Conversation, Delivery, Message
from conversations.values import DeliveryKind
from core.database import ReadSession
from customers import timeline
from customers.task_models import Task
from customers.timeline import Happening
from tickets.models import Ticket
from tickets.money_models import Grant
from tickets.vouchers import hide_codes

#: Of each kind of thing no more than the newest so many.
MOST = 1000


async def list_all(session: ReadSession, customer_id: int) -> list[Happening]:
    """Newest first."""
    happened = await timeline.list_happenings(session, customer_id, MOST)
    said = [found async for found in _said_and_planned(session, customer_id)]
    return timeline.newest_first([*happened, *said, *[found async for found in _cases(session, customer_id)]])


async def _said_and_planned(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    of_customer = select(Conversation.id).where(Conversation.customer_id == customer_id)
    said = select(Message).where(Message.conversation_id.in_(of_customer))
    for message in await session.scalars(said.order_by(Message.id.desc()).limit(MOST)):
        yield _message(message)
    sent = select(Delivery).where(Delivery.customer_id == customer_id, Delivery.kind == DeliveryKind.FOLLOW_UP)
    for delivery in await session.scalars(sent.order_by(Delivery.id.desc()).limit(MOST)):
        data = {"delivery": delivery.id, "state": delivery.state.value}
        yield Happening(delivery.sent_at or delivery.due_at, "follow_up", data=data)
    tasks = select(Task).where(Task.customer_id == customer_id)
    for task in await session.scalars(tasks.order_by(Task.id.desc()).limit(MOST)):
        yield Happening(task.created_at, "task", task.text, data=_task(task))


async def _cases(session: ReadSession, customer_id: int) -> AsyncIterator[Happening]:
    """Tickets, and what was given."""
    tickets = select(Ticket).where(Ticket.customer_id == customer_id)
    for ticket in await session.scalars(tickets.order_by(Ticket.id.desc()).limit(MOST)):
        data = {"ticket": ticket.number, "kind": ticket.kind.value, "status": ticket.status.value}
        yield Happening(ticket.opened_at, "ticket", ticket.subject, data=data)
    grants = select(Grant).where(Grant.customer_id == customer_id)
    for grant in await session.scalars(grants.order_by(Grant.id.desc()).limit(MOST)):
        data = {
            "compensation": grant.id, "kind": grant.kind.value, "state": grant.state.value,
            "amount_minor": grant.amount_minor, "currency": grant.currency,
        }  # fmt: skip
        yield Happening(grant.created_at, "compensation", data=data)


def _message(message: Message) -> Happening:
    data = {"conversation": message.conversation_id, "author": message.author.value, "article": message.article}
    return Happening(message.at, "message", hide_codes(message.text), message.name, data)


def _task(task: Task) -> dict[str, Any]:
    return {"task": task.id, "kind": task.kind.value, "state": task.state.value, "subject": task.subject}
