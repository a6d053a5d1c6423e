"""What was promised already under each cap, and whether one more grant would pass one. Nothing here commits."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from core.database import ReadSession
from core.money import Money
from customers.models import Order
from tickets import ledger
from tickets.compensation import Taken, refusals
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.scoring import GIVEN
from tickets.values import LimitPassed


async def check(work: Work, grant: Grant) -> None:
    """Reads the caps under the ledger's lock, which the caller holds. Raises LimitPassed."""
    money, rules = Money(grant.amount_minor, grant.currency), work.policy.rules
    if not money.amount_minor:
        return
    budget = rules.month_budget(grant.budget, money.currency)
    passed = dict(refusals(money, await taken(work, grant), rules.limits, budget))
    if passed:
        left = {name: {"left_minor": rest, "currency": money.currency} for name, rest in passed.items()}
        raise LimitPassed(f"{money} would pass: {', '.join(passed)}", {"limits": left})


async def taken(work: Work, grant: Grant) -> Taken:
    """What was promised already, beside this grant, under each cap."""
    since = work.now - timedelta(days=work.policy.rules.limits.per_customer_days)
    account = ledger.budget_account(grant.budget, work.policy.month(work.now), grant.currency)
    return Taken(
        ticket=await _sum(work, grant, Grant.ticket_id == grant.ticket_id) if grant.ticket_id else 0,
        customer=await _sum(work, grant, (Grant.customer_id == grant.customer_id) & (Grant.created_at >= since)),
        order=await _sum(work, grant, Grant.order_id == grant.order_id) if grant.order_id else 0,
        budget=-await ledger.balance(work.session, account),
        order_value=await _order_value(work.session, grant),
    )


async def _sum(work: Work, grant: Grant, which: ColumnElement[bool]) -> int:
    query = select(func.coalesce(func.sum(Grant.amount_minor), 0)).where(
        which, Grant.currency == grant.currency, Grant.state.in_(GIVEN), Grant.id != grant.id
    )
    return int(await work.session.scalar(query) or 0)


async def _order_value(session: ReadSession, grant: Grant) -> int | None:
    """In the grant's currency; None: there is no order, or it was in another currency."""
    order = await session.get(Order, grant.order_id) if grant.order_id else None
    return order.amount_minor if order is not None and order.currency == grant.currency else None
