"""What steps do to tickets: open, add, name the order, withdraw. Only ever to those of whoever writes."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog

from conversations.days import by_words
from conversations.desk.cases import find_case
from conversations.scene import FactsMoved, Results, Row, Scene
from conversations.steps import (
    AddToCase,
    AskForCall,
    AskForPerson,
    Effect,
    GiveScore,
    NameOrder,
    NoteWish,
    OpenCase,
    ReopenCase,
    SayWhy,
    WithdrawCase,
)
from conversations.texts import Texts
from conversations.values import Owner
from core import signals
from customers import orders, tasks
from customers import service as customer_service
from customers.models import Order
from customers.tasks import TaskDraft
from customers.values import TaskKind
from tickets import desk, ending, repository, satisfaction, service
from tickets.models import Ticket
from tickets.policy import Work
from tickets.service import Complaint, TooManyTickets
from tickets.timeline import CUSTOMER
from tickets.values import IllegalMove, TicketKind, TicketNotFound

log = structlog.get_logger(__name__)


async def _work(scene: Scene) -> Work:
    return await scene.policies.work(scene.session, scene.now, CUSTOMER)


async def _own(scene: Scene, work: Work, number: int) -> Ticket:
    """The writer's ticket, locked. Raises FactsMoved: it is not theirs any more, as after a merge of customers."""
    try:
        ticket = await repository.lock_ticket(work.session, number)
    except TicketNotFound:
        raise FactsMoved(f"ticket {number} is gone") from None
    if ticket.customer_id != scene.thread.conversation.customer_id:
        raise FactsMoved(f"ticket {number} is somebody else's")
    return ticket


async def _open(scene: Scene, effect: OpenCase) -> Results:
    """Words are never turned away: whoever has as many as one may have still opens one of a new kind."""
    work = await _work(scene)
    said = Complaint(
        customer_id=scene.thread.conversation.customer_id,
        text=effect.text,
        kind=effect.kind,
        order=effect.order if await _find_own_order(scene, effect.order) else None,
        identity_id=scene.thread.identity.id,
        attachments=scene.files,
    )
    try:
        opened = await service.open_complaint(work, said)
    except TooManyTickets:
        opened = await service.open_complaint(work, replace(said, separate=True))
    if opened.joined != (effect.joins is not None):
        raise FactsMoved(f"ticket {opened.number} was opened or ended meanwhile")
    due = opened.answer_by
    if effect.kind.has_clock:
        await _talk_about(scene, work, opened.ticket)
        # What waited in the conversation, and goes on in this one, may have been promised earlier.
        due = scene.thread.conversation.answer_by = await service.answer_by(work.session, opened.ticket)
    by = by_words(due, scene.now, effect.zone, effect.language)
    return {"number": str(opened.number), "by": by, "ticket_id": str(opened.ticket.id)}


async def _talk_about(scene: Scene, work: Work, ticket: Ticket) -> None:
    """The conversation is about this ticket from here on; a question that waited there goes on in it."""
    conversation = scene.thread.conversation
    before = await find_case(scene.session, conversation)
    conversation.ticket_id = ticket.id
    if before is None or before.id == ticket.id or before.kind is not TicketKind.QUESTION:
        return
    await ending.merge(work, await repository.lock_ticket(work.session, before.number), ticket)
    if ticket.assignee_id is None:
        ticket.assignee_id, ticket.assigned_by = before.assignee_id, before.assigned_by
        ticket.assigned_at, ticket.reacted_at = before.assigned_at, None


async def _ask_for_person(scene: Scene, effect: AskForPerson) -> Results:
    """The case that is talked about waits for a person; a question is opened where there is none."""
    work, conversation = await _work(scene), scene.thread.conversation
    ticket = await find_case(scene.session, conversation)
    if ticket is None:
        said = Complaint(
            customer_id=conversation.customer_id,
            text=effect.text,
            kind=TicketKind.QUESTION,
            identity_id=scene.thread.identity.id,
            separate=True,
        )
        ticket = (await service.open_complaint(work, said)).ticket
        conversation.ticket_id = ticket.id
    due = await service.answer_by(work.session, ticket)
    conversation.owner, conversation.owner_since = Owner.WAITING, scene.now
    conversation.unanswered_since = conversation.unanswered_since or scene.now
    conversation.answer_by = due if effect.promises else None
    scene.session.signal(signals.CONVERSATIONS)
    log.info("person_asked_for", conversation=conversation.id, ticket=ticket.number, reason=effect.reason.value)
    by = by_words(due, scene.now, await _zone(scene), effect.language)
    return {"number": str(ticket.number), "by": by, "ticket_id": str(ticket.id)}


async def _ask_for_call(scene: Scene, effect: AskForCall) -> Results:
    """A task with a time, for whoever has the case; once for each time."""
    customer_id = scene.thread.conversation.customer_id
    text = f"#{effect.number}" if effect.number else None
    key = f"call:{scene.thread.conversation.id}:{effect.at.isoformat()}"
    draft = TaskDraft(TaskKind.CALL, "call_back", customer_id, text, effect.at, key, {"ticket": effect.number})
    await tasks.add_task(scene.session, draft, scene.now)
    return {}


async def _zone(scene: Scene) -> ZoneInfo:
    customer = await customer_service.find_customer(scene.session, scene.thread.conversation.customer_id)
    return ZoneInfo(customer.timezone) if customer and customer.timezone else scene.policies.zone


async def _say_more(scene: Scene, work: Work, ticket: Ticket, text: str) -> None:
    try:
        await service.add(work, ticket, text, attachments=scene.files)
    except IllegalMove:
        raise FactsMoved(f"ticket {ticket.number} has ended meanwhile") from None


async def _add(scene: Scene, effect: AddToCase) -> Results:
    work = await _work(scene)
    ticket = await _own(scene, work, effect.number)
    await _say_more(scene, work, ticket, effect.text)
    return {"number": str(ticket.number), "ticket_id": str(ticket.id)}


async def _name_order(scene: Scene, effect: NameOrder) -> Results:
    """An order that the writer has not proven to be theirs is kept as their words alone."""
    work = await _work(scene)
    ticket = await _own(scene, work, effect.number)
    order = await _find_own_order(scene, effect.order)
    if effect.order is None or order is not None:
        ticket.order_verified = order is not None
        await desk.edit(work, ticket, {"order_id": order.id if order else None})
    else:
        await _say_more(scene, work, ticket, effect.order)
    return {"ticket_id": str(ticket.id)}


async def _find_own_order(scene: Scene, number: str | None) -> Order | None:
    """The order of that number, if the writer has proven that it is theirs."""
    order = await orders.find_order(scene.session, number) if number else None
    is_theirs = order is not None and order.customer_id == scene.thread.conversation.customer_id
    return order if is_theirs and scene.thread.identity.verified else None


async def _withdraw(scene: Scene, effect: WithdrawCase) -> Results:
    work = await _work(scene)
    ticket = await _own(scene, work, effect.number)
    try:
        await service.withdraw(work, ticket)
    except IllegalMove:
        raise FactsMoved(f"ticket {effect.number} has ended meanwhile") from None
    if scene.thread.conversation.ticket_id == ticket.id:
        _wait_for_nobody(scene)
    return {"number": str(ticket.number), "ticket_id": str(ticket.id)}


def _wait_for_nobody(scene: Scene) -> None:
    """What a person was asked for is over: the bot alone answers."""
    conversation = scene.thread.conversation
    conversation.unanswered_since = conversation.answer_by = None
    if conversation.owner is Owner.WAITING:
        conversation.owner, conversation.owner_since = Owner.BOT, scene.now
        scene.session.signal(signals.CONVERSATIONS)


async def _note_wish(scene: Scene, effect: NoteWish) -> Results:
    work = await _work(scene)
    ticket = await _own(scene, work, effect.number)
    await _say_more(scene, work, ticket, Texts.shipped().by_key[effect.text_key][effect.language])
    return {"ticket_id": str(ticket.id)}


async def _reopen(scene: Scene, effect: ReopenCase) -> Results:
    """Long after its end another ticket, linked, goes on with the matter."""
    work = await _work(scene)
    ticket = await _own(scene, work, effect.number)
    ticket = await service.add(work, ticket, effect.text, attachments=scene.files, reopens=True)
    due = await service.answer_by(work.session, ticket)
    await _talk_about(scene, work, ticket)
    scene.thread.conversation.answer_by = due
    by = by_words(due, scene.now, effect.zone, effect.language)
    return {"number": str(ticket.number), "by": by, "ticket_id": str(ticket.id)}


async def _give_score(scene: Scene, effect: GiveScore) -> Results:
    work = await _work(scene)
    ticket = await _own(scene, work, effect.number)
    try:
        await satisfaction.give_score(work, ticket, effect.score)
    except IllegalMove:
        raise FactsMoved(f"ticket {effect.number} is not rated any more") from None
    return {"ticket_id": str(ticket.id)}


async def _say_why(scene: Scene, effect: SayWhy) -> Results:
    work = await _work(scene)
    ticket = await _own(scene, work, effect.number)
    await satisfaction.say_why(work, ticket, effect.words)
    return {"ticket_id": str(ticket.id)}


ROWS: Mapping[type[Effect], Row] = {
    AskForPerson: _ask_for_person,
    AskForCall: _ask_for_call,
    OpenCase: _open,
    AddToCase: _add,
    NameOrder: _name_order,
    NoteWish: _note_wish,
    WithdrawCase: _withdraw,
    ReopenCase: _reopen,
    GiveScore: _give_score,
    SayWhy: _say_why,
}
