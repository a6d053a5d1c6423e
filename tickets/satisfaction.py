"""What the customer thinks of how it ended: once a ticket, after the last reply. Nothing here commits."""

from collections.abc import Collection

from sqlalchemy import select

from core.database import ReadSession
from core.errors import InvalidInput
from tickets import ending, timeline
from tickets.clocks import higher
from tickets.models import Ticket
from tickets.policy import Work
from tickets.scores import BAD, BEST, CHANGEABLE, Ask, ask_after, is_at_risk
from tickets.status import Move, is_legal
from tickets.values import EventType, IllegalMove, Severity, TicketStatus


async def give_score(work: Work, ticket: Ticket, score: int) -> Ask:
    """Keeps the score; within ten minutes another one takes its place.

    Raises:
        InvalidInput: not 1 to 5.
        IllegalMove: it is not answered yet, or was rated longer ago.
    """
    if not 1 <= score <= BEST:
        raise InvalidInput("a score is 1 to 5", {"score": "must be 1 to 5"})
    if ticket.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED) and ticket.score_at is None:
        raise IllegalMove("it is not solved yet")
    if ticket.score_at is not None and work.now - ticket.score_at > CHANGEABLE:
        raise IllegalMove("it was rated already")
    ticket.score, ticket.score_at = score, ticket.score_at or work.now
    timeline.record(work, ticket, EventType.RATED, data={"score": score, "at_risk": is_at_risk(score)})
    await work.session.flush()
    return ask_after(score)


async def say_why(work: Work, ticket: Ticket, words: str | None) -> Ticket:
    """The sentence after a score (None: skipped). A bad one brings the ticket back, for a supervisor."""
    if words:
        ticket.score_words = words
        timeline.record(work, ticket, EventType.RATED, text=words, data={"score": ticket.score})
    if ticket.score is not None and ticket.score <= BAD and is_legal(Move.REOPEN, ticket.status):
        await ending.reopen(work, ticket, words)
        await show_to_supervisor(work, ticket, ticket.score)
    await work.session.flush()
    return ticket


async def list_at_risk(session: ReadSession, customer_ids: Collection[int]) -> dict[int, Ticket]:
    """Those of these customers whose last score says that we may lose them, with the ticket that they gave it for."""
    query = select(Ticket).where(Ticket.customer_id.in_(customer_ids), Ticket.score.is_not(None))
    last = {ticket.customer_id: ticket for ticket in await session.scalars(query.order_by(Ticket.score_at, Ticket.id))}
    return {customer: ticket for customer, ticket in last.items() if is_at_risk(ticket.score or BEST)}


async def show_to_supervisor(work: Work, ticket: Ticket, score: int) -> None:
    """A bad score is a supervisor's, and comes first."""
    ticket.escalated_to = higher(ticket.escalated_to, "supervisor")
    ticket.priority = ticket.priority if ticket.priority_kept else Severity.CRITICAL.priority
    timeline.record(work, ticket, EventType.ESCALATED, data={"to": "supervisor", "score": score})
    await work.session.flush()
