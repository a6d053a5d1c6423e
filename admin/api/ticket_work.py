"""What staff do with a ticket, one route each."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from admin.api.context import Caller, allowed
from admin.api.fields import Body, ShortLine, Text
from admin.api.orders import Instant
from admin.api.shapes.ticket import TicketShape, ticket_shape
from admin.api.tickets import PathNumber, Version
from admin.api.working import Working
from admin.api.writing import ApiRoute
from conversations.desk import ending as finishing
from conversations.desk import holding, speaking, waiting
from conversations.desk.cases import Case
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


class Snooze(Body):
    until: Instant


class Question(Body):
    """`agent`: a colleague's name."""

    agent: ShortLine = Field(examples=["li"])
    text: _Words | None = None


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
    """The bot keeps still from here on. Somebody else's: 409."""
    return await _shape(work, await holding.take(work, actor, number))


@router.post("/{number}/assign", summary="Assign a ticket")
async def assign(work: Working, actor: Caller, number: PathNumber, body: Assignment) -> TicketShape:
    """Until they take it the bot answers what it can."""
    agent = await staff_service.get_agent(work.session, body.agent) if body.agent else None
    team = await teams.get_team(work.session, body.team) if body.team else None
    return await _shape(work, await holding.assign(work, actor, number, body.version, agent, team))


@router.post("/{number}/reply", summary="Reply to the customer")
async def reply(work: Working, actor: Caller, number: PathNumber, body: Words) -> TicketShape:
    """Reaches the customer on their channel under your alias; the ticket is yours and the bot keeps still."""
    case, _message = await speaking.reply(work, actor, number, body.text)
    return await _shape(work, case)


@router.post("/{number}/note", summary="Write a note")
async def note(work: Working, actor: Caller, number: PathNumber, body: Note) -> TicketShape:
    """Stays among staff. Whoever was asked to look in may write one too."""
    await speaking.note(work, actor, number, body.text, body.attachments)
    return await ticket_shape(work.session, await repository.get_ticket(work.session, number))


@router.post("/{number}/escalate", summary="Escalate a ticket")
async def escalate(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    """A supervisor hears of it."""
    return await _shape(work, await holding.escalate(work, actor, number, _text(body)))


@router.post("/{number}/ask", summary="Ask a colleague to look in")
async def ask(work: Working, actor: Caller, number: PathNumber, body: Question) -> TicketShape:
    """They read and write notes; the ticket stays yours."""
    return await _shape(work, await holding.ask(work, actor, number, body.agent, body.text))


@router.post("/{number}/hand-back", summary="Hand back to the bot")
async def hand_back(work: Working, actor: Caller, number: PathNumber) -> TicketShape:
    """The bot answers again and says so. A question ends with it; a complaint stays yours."""
    return await _shape(work, await holding.hand_back(work, actor, number))


@router.post("/{number}/pending", summary="Wait for the customer")
async def pending(work: Working, actor: Caller, number: PathNumber) -> TicketShape:
    """Promises stand still until the customer writes."""
    return await _shape(work, await waiting.pend(work, actor, number))


@router.post("/{number}/hold", summary="Wait for a third party")
async def hold(work: Working, actor: Caller, number: PathNumber, body: Waiting) -> TicketShape:
    """Promises stand still; the ticket comes back when the time has come."""
    return await _shape(work, await waiting.hold_for(work, actor, number, Hold(body.waiting_for, body.until)))


@router.post("/{number}/snooze", summary="Put a ticket aside")
async def snooze(work: Working, actor: Caller, number: PathNumber, body: Snooze) -> TicketShape:
    """Out of the queue until then, or until the customer writes; promises go on."""
    return await _shape(work, await waiting.snooze(work, actor, number, body.until))


@router.post("/{number}/resolve", summary="Resolve a ticket")
async def resolve(work: Working, actor: Caller, number: PathNumber, body: Solution) -> TicketShape:
    """A severe one without a root cause: 422. The customer reads `text`, and is asked whether it is solved."""
    return await _shape(work, await finishing.resolve(work, actor, number, body.version, body.text, body.root_cause))


@router.post("/{number}/reopen", summary="Reopen a ticket")
async def reopen(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    """Promises begin anew; the customer hears by when there is an answer."""
    return await _shape(work, await finishing.reopen(work, actor, number, _text(body)))


@router.post("/{number}/close", summary="Close a resolved ticket")
async def close(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    return await _shape(work, await finishing.end(work, actor, number, ending.close, _text(body)))


@router.post("/{number}/withdraw", summary="The customer takes it back")
async def withdraw(work: Working, actor: Caller, number: PathNumber, body: MaybeWords | None = None) -> TicketShape:
    return await _shape(work, await finishing.end(work, actor, number, ending.withdraw, _text(body)))


@router.post("/{number}/merge", summary="Merge a ticket into another")
async def merge(work: Working, actor: Caller, number: PathNumber, body: Merge) -> TicketShape:
    """Shows the one that goes on. Both are one customer's, and live."""
    return await _shape(work, await finishing.merge(work, actor, number, body.into, body.version))


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


async def _shape(work: Work, case: Case) -> TicketShape:
    return await ticket_shape(work.session, case.ticket)


def _text(body: MaybeWords | None) -> str | None:
    return body.text if body else None
