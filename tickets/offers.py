"""What the rules offer for one ticket, with what is stored. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import ReadSession
from staff.values import Actor
from tickets import grants, ledger, scoring
from tickets.compensation import Option, limit_of, options
from tickets.facts import TicketFacts
from tickets.grants import Request
from tickets.models import FIRST_NUMBER, Ticket
from tickets.money_models import Grant
from tickets.policy import Policy, Work
from tickets.values import LIVE, LimitPassed, Origin, TicketKind

#: A customer may still be answering what was asked of them; later on people have seen to it.
_NOT_YET, _NOT_ANY_MORE = timedelta(minutes=15), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Rest:
    """What a budget has left this month."""

    account: str
    left_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What the rules allow now; `limits` are the asking person's, by currency."""

    options: tuple[Option, ...]
    limits: dict[str, int]
    budgets: tuple[Rest, ...]


async def find_options(session: ReadSession, policy: Policy, ticket: Ticket, now: datetime) -> tuple[Option, ...]:
    """In the order of the rules, one of a kind."""
    facts = await scoring.gather(session, policy, ticket, now)
    return _options(policy, ticket, facts)


def _options(policy: Policy, ticket: Ticket, facts: TicketFacts) -> tuple[Option, ...]:
    name = policy.category_name(ticket.category, policy.language)
    return options(facts, policy.rules, policy.currency, name)


async def describe(session: ReadSession, policy: Policy, ticket: Ticket, actor: Actor, now: datetime) -> Offered:
    """For a person who looks at the ticket."""
    found = await find_options(session, policy, ticket, now)
    currencies = list(dict.fromkeys([policy.currency, *(option.money.currency for option in found)]))
    limits = {currency: limit_of(actor, policy.rules.limits, currency) for currency in currencies}
    name = await grants.budget_of(session, ticket)
    rests = [await rest_of(session, policy, name, currency, now) for currency in currencies]
    return Offered(found, limits, tuple(rests))


async def rest_of(session: ReadSession, policy: Policy, name: str, currency: str, now: datetime) -> Rest:
    account = ledger.budget_account(name, policy.month(now), currency)
    spent = -await ledger.balance(session, account)
    return Rest(account, max(0, policy.rules.month_budget(name, currency) - spent), currency)


async def find_unoffered(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Numbers of live complaints for which nothing was asked or offered yet, old enough to have been told whole."""
    of_ticket = select(Grant.id).where(Grant.ticket_id == Ticket.id)
    query = select(Ticket.id).where(
        Ticket.kind == TicketKind.COMPLAINT,
        Ticket.status.in_(LIVE),
        Ticket.opened_at.between(now - _NOT_ANY_MORE, now - _NOT_YET),
        ~of_ticket.exists(),
    )
    return [ticket_id + FIRST_NUMBER - 1 for ticket_id in await session.scalars(query.order_by(Ticket.id).limit(limit))]


async def offer_automatically(work: Work, ticket: Ticket) -> Grant | None:
    """Offers what the rules give without asking anybody, once a ticket; None when that is nothing or a cap forbids it.

    The ticket is locked by the caller.
    """
    known = select(Grant.id).where(Grant.ticket_id == ticket.id, Grant.amount_minor > 0).limit(1)
    if await work.session.scalar(known) is not None:
        return None
    facts = await scoring.gather(work.session, work.policy, ticket, work.now)
    chosen = next((o for o in _options(work.policy, ticket, facts) if o.automatic and o.money.amount_minor), None)
    if chosen is None:
        return None
    try:
        return await grants.grant_by_rule(work, as_request(work.policy, ticket, chosen, facts))
    except LimitPassed:
        return None


def as_request(policy: Policy, ticket: Ticket, option: Option, facts: TicketFacts) -> Request:
    """An option as it is asked for, with the facts that it came from."""
    return Request(
        kind=option.kind,
        money=option.money,
        customer_id=ticket.customer_id,
        ticket=ticket,
        origin=Origin.TICKET,
        rule=policy.tickets.name_of(option.rule),
        because=option.because,
        facts=facts.model_dump(mode="json"),
        valid_days=option.valid_days,
    )
