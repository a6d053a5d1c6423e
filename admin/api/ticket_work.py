"""What staff do with a ticket, one route each."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from admin.api.context import Caller, allowed
from admin.api.fields import Body, ShortLine, Text
from admin.api.orders import Instant
from admin.api.shapes.ticket import TicketShape, find_conversation, ticket_shape
from admin.api.tickets import PathNumber, Version
from admin.api.working import Working
from admin.api.writing import ApiRoute
from conversations import desk as talk
from conversations.ticket_news import ask_after_the_end
from core.errors import Conflict
from core.ids import MAX_ID
from staff import service as staff_service
from staff import teams
from staff.permissions import Action
from staff.values import Actor
from tickets import desk, ending, repository
from tickets.desk import Hold
from tickets.models import Ticket
from tickets.policy import Work

router = APIRouter(
    prefix="/tickets", tags=["tickets"], route_class=ApiRoute, dependencies=[allowed(Action.WORK_ON_TICKETS)]
)

_Words = Annotated[Text, Field(min_length=1, examples=["您好，马上给您补发。"])]


class NobodyToTalkTo(Conflict):
    """The customer has never written on any channel."""

    code = "no_conversation"


class Words(Body):
    text: _Words


class MaybeWords(Body):
    text: _Words | None = None


class Note(Body):
    text: _Words
    attachments: list[ShortLine] = Field(default=[], max_length=20, description="Ids of files.")


class Assignment(Body):
    """A person, a team, or both."""

    agent: ShortLine | None = None
    team: ShortLine | None = None
    version: Version


class Waiting(Body):
    waiting_for: ShortLine = Field(examples=["圆通快递"])
    until: Instant


class Solution(Body):
    """A severe ticket needs its root cause, one of the list in the rules."""

    text: _Words | None = None
    root_cause: ShortLine | None = Field(default=None, examples=["packing"])
    version: Version


class Merge(Body):
    into: int = Field(ge=1, le=MAX_ID, examples=[1041])
    version: Version


class Link(Body):
    to: int = Field(ge=1, le=MAX_ID, examples=[1041])


@router.post("/{number}/take", summary="Take a ticket")
async def take(work: Working, actor: Caller, number: PathNumber) -> TicketShape:
    """Somebody else's: 409."""
    return await ticket_shape(work.session, await desk.take(work, number, actor))


@router.post("/{number}/assign", summary="Assign a ticket")
async def assign(work: Working, actor: Caller, number: PathNumber, body: Assignment) -> TicketShape:
    ticket = await desk.lock_for(work, number, actor, body.version)
    agent = await staff_service.get_agent(work.session, body.agent) if body.agent else None
    team = await teams.get_team(work.session, body.team) if body.team else None
    return await ticket_shape(work.session, await desk.assign(work, ticket, agent, team))


@router.post("/{number}/reply", summary="Reply to the customer")
async def reply(work: Working, actor: Caller, number: PathNumber, body: Words) -> TicketShape:
    """Reaches the customer on their channel under your alias; the ticket is yours and the bot keeps still."""
    found = await repository.get_ticket(work.session, number)
    desk.must_own(actor, found)
    conversation = await find_conversation(work.session, found)
    if conversation is None:
        raise NobodyToTalkTo("this customer has not written on any channel; call or write to them, and make a note")
    # The conversation is locked before the ticket, as whenever a customer writes.
    await talk.take(work.session, conversation, actor, work.now)
    message = await talk.reply(work.session, conversation, actor, body.text, (), work.now)
    ticket = await desk.lock_for(work, number, actor)
    if ticket.assignee_id is None and ticket.status.is_live:
        await desk.take(work, number, actor)
    return await ticket_shape(work.session, await desk.replied(work, ticket, body.text, message.id))


@router.post("/{number}/note", summary="Write a note")
async def note(work: Working, actor: Caller, number: PathNumber, body: Note) -> TicketShape:
    """Stays among staff."""
    ticket = await desk.lock_for(work, number, actor)
    return await ticket_shape(work.session, await desk.note(work, ticket, body.text, body.attachments))


@router.post("/{number}/escalate", summary="Escalate a ticket")
async def escalate(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    """A supervisor hears of it."""
    ticket = await desk.lock_for(work, number, actor)
    return await ticket_shape(work.session, await desk.escalate(work, ticket, _text(body)))


@router.post("/{number}/pending", summary="Wait for the customer")
async def pending(work: Working, actor: Caller, number: PathNumber) -> TicketShape:
    """Promises stand still until the customer writes."""
    return await ticket_shape(work.session, await desk.pend(work, await desk.lock_for(work, number, actor)))


@router.post("/{number}/hold", summary="Wait for a third party")
async def hold(work: Working, actor: Caller, number: PathNumber, body: Waiting) -> TicketShape:
    """Promises stand still; the ticket comes back when the time has come."""
    ticket = await desk.lock_for(work, number, actor)
    return await ticket_shape(work.session, await desk.hold(work, ticket, Hold(body.waiting_for, body.until)))


@router.post("/{number}/resolve", summary="Resolve a ticket")
async def resolve(work: Working, actor: Caller, number: PathNumber, body: Solution) -> TicketShape:
    """A severe one without a root cause: 422. The customer is asked whether it is solved."""
    ticket = await desk.lock_for(work, number, actor, body.version)
    await ending.resolve(work, ticket, body.text, body.root_cause)
    conversation_id = await find_conversation(work.session, ticket)
    if conversation_id is not None and ticket.kind.has_clock:
        await ask_after_the_end(work.session, conversation_id, ticket, work.now)
    return await ticket_shape(work.session, ticket)


@router.post("/{number}/reopen", summary="Reopen a ticket")
async def reopen(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    """Promises begin anew."""
    ticket = await desk.lock_for(work, number, actor)
    return await ticket_shape(work.session, await ending.reopen(work, ticket, _text(body)))


@router.post("/{number}/close", summary="Close a resolved ticket")
async def close(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    ticket = await desk.lock_for(work, number, actor)
    return await ticket_shape(work.session, await ending.close(work, ticket, _text(body)))


@router.post("/{number}/withdraw", summary="The customer takes it back")
async def withdraw(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    ticket = await desk.lock_for(work, number, actor)
    return await ticket_shape(work.session, await ending.withdraw(work, ticket, _text(body)))


@router.post("/{number}/merge", summary="Merge a ticket into another")
async def merge(work: Working, actor: Caller, number: PathNumber, body: Merge) -> TicketShape:
    """Shows the one that goes on. Both are one customer's, and live."""
    ticket, into = await _lock_two(work, actor, number, body.into)
    desk.check_version(ticket, body.version)
    return await ticket_shape(work.session, await ending.merge(work, ticket, into))


@router.post("/{number}/link", summary="Link two tickets")
async def link(work: Working, actor: Caller, number: PathNumber, body: Link) -> TicketShape:
    """They are about one matter."""
    ticket, other = await _lock_two(work, actor, number, body.to)
    await ending.link(work, ticket, other)
    return await ticket_shape(work.session, ticket)


@router.post("/{number}/unlink", summary="Take a link back")
async def unlink(work: Working, actor: Caller, number: PathNumber, body: Link) -> TicketShape:
    ticket, other = await _lock_two(work, actor, number, body.to)
    await ending.unlink(work, ticket, other)
    return await ticket_shape(work.session, ticket)


async def _lock_two(work: Work, actor: Actor, number: int, other: int) -> tuple[Ticket, Ticket]:
    """In the order of their numbers, so that two such requests never wait for each other."""
    locked = {each: await repository.lock_ticket(work.session, each) for each in sorted({number, other})}
    desk.must_own(actor, locked[number])
    return locked[number], locked[other]


def _text(body: MaybeWords | None) -> str | None:
    return body.text if body else None
