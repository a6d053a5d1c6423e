"""Facts gathered from what is stored, and a ticket rated by them. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.database import ReadSession
from customers.models import ChannelIdentity, Customer, Order
from tickets import clocks, severity, sla, timeline
from tickets.facts import TicketFacts
from tickets.models import Ticket
from tickets.money_models import Grant
from tickets.policy import Policy, Work
from tickets.values import EventType, GrantState, Resolution, Severity, TicketKind

#: Grants that cost something.
GIVEN = (GrantState.APPROVED, GrantState.OFFERED, GrantState.ACCEPTED, GrantState.ISSUED, GrantState.REDEEMED)


async def gather(session: ReadSession, policy: Policy, ticket: Ticket, now: datetime) -> TicketFacts:
    """What the rules may see of the ticket."""
    life = policy.rules.life
    windows = (now - timedelta(days=life.repeat_days), now - timedelta(days=life.claims_days))
    repeats, claims = await _count_complaints(session, ticket, *windows)
    customer = await session.get_one(Customer, ticket.customer_id)
    order = await session.get(Order, ticket.order_id) if ticket.order_id and ticket.order_verified else None
    return TicketFacts(
        kind=ticket.kind,
        category=ticket.category,
        words=tuple(ticket.words),
        tier=customer.tier,
        order_value_minor=order.amount_minor if order else None,
        currency=order.currency if order else None,
        repeats=repeats,
        waited_minutes=_waited(ticket, now),
        score=await _last_score(session, ticket),
        reopened=ticket.reopened,
        verified=await is_verified(session, customer, ticket.identity_id),
        order_verified=ticket.order_verified,
        days_since_grant=await _days_since_grant(session, ticket.customer_id, now),
        often=claims + 1 >= life.claims_at_least,
    )


async def is_verified(session: ReadSession, customer: Customer, identity_id: int | None) -> bool:
    """Whether the address has proven who it is; without one, whether the shop knows the customer otherwise."""
    if identity_id is not None:
        return bool(await session.scalar(select(ChannelIdentity.verified).where(ChannelIdentity.id == identity_id)))
    return customer.external_id is not None or customer.phone_proven or customer.email_proven


async def rate(work: Work, ticket: Ticket) -> Severity:
    """Rates the ticket by the facts of now. What a person has set stays; clocks keep what was used."""
    facts = await gather(work.session, work.policy, ticket, work.now)
    scored = severity.score(facts, work.policy.rules)
    before = ticket.severity
    if not ticket.severity_kept:
        ticket.severity = scored.severity
        ticket.priority = ticket.priority if ticket.priority_kept else scored.severity.priority
    if before is not ticket.severity:
        data = {"facts": facts.model_dump(mode="json"), "before": before.value, "severity": ticket.severity.value}
        timeline.record(work, ticket, EventType.SCORED, rule=scored.rule, reasons=scored.reasons, data=data)
        await promise_again(work, ticket, facts)
    return ticket.severity


async def promise_again(work: Work, ticket: Ticket, facts: TicketFacts | None = None) -> None:
    """What is promised for the severity that the ticket has now."""
    if ticket.kind.has_clock and ticket.status.is_live:
        facts = facts or await gather(work.session, work.policy, ticket, work.now)
        await clocks.promise_again(work, ticket, sla.choose(facts, ticket.severity, work.policy.rules))


async def _count_complaints(session: ReadSession, ticket: Ticket, *since: datetime) -> Sequence[int]:
    """The customer's other complaints since each; merged ones are one with another, withdrawn ones are none."""
    query = select(*(func.count().filter(Ticket.opened_at >= one) for one in since)).select_from(Ticket).where(
        Ticket.customer_id == ticket.customer_id,
        Ticket.kind == TicketKind.COMPLAINT,
        Ticket.opened_at >= min(since),
        Ticket.id != (ticket.id or 0),
        Ticket.resolution.is_(None) | Ticket.resolution.not_in((Resolution.MERGED, Resolution.WITHDRAWN)),
    )  # fmt: skip
    return (await session.execute(query)).one()


async def _last_score(session: ReadSession, ticket: Ticket) -> int | None:
    query = select(Ticket.score).where(Ticket.customer_id == ticket.customer_id, Ticket.score.is_not(None))
    return await session.scalar(query.order_by(Ticket.score_at.desc()).limit(1))


async def _days_since_grant(session: ReadSession, customer_id: int, now: datetime) -> int | None:
    query = select(func.max(Grant.created_at)).where(
        Grant.customer_id == customer_id, Grant.amount_minor > 0, Grant.state.in_(GIVEN)
    )
    last = await session.scalar(query)
    return None if last is None else (now - last).days


def _waited(ticket: Ticket, now: datetime) -> int:
    since = ticket.waiting_since
    return 0 if since is None else max(0, int((now - since).total_seconds() // 60))
