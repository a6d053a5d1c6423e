"""What programmes give: offered once for each occasion, within the programme's own budget. Nothing here commits."""

from datetime import timedelta

from sqlalchemy import exists, select

from core.database import ReadSession
from tickets import grants, ledger
from tickets.gift_terms import GiftTerms
from tickets.grants import Request
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.values import GrantState, LimitPassed, Origin, Reason

#: What was turned down or taken back does not count as given.
_GONE = (GrantState.REJECTED, GrantState.DECLINED, GrantState.REVOKED)


async def offer_gift(work: Work, customer_id: int, terms: GiftTerms) -> Grant | None:
    """The gift, offered; None: it was given for this already, too short a time ago, or the budget or a cap is spent."""
    await ledger.lock(work.session)
    if await _was_given(work, customer_id, terms) or not await _has_budget(work, terms):
        return None
    asked = Request(
        kind=terms.kind,
        money=terms.money,
        customer_id=customer_id,
        origin=Origin.PROGRAMME,
        budget=terms.programme,
        rule=terms.rule,
        because=Reason(key=terms.programme, zh=terms.because.zh, en=terms.because.en),
        valid_days=terms.valid_days,
        key=terms.key,
    )
    try:
        return await grants.grant_by_rule(work, asked)
    except LimitPassed:
        return None


async def _was_given(work: Work, customer_id: int, terms: GiftTerms) -> bool:
    """For this very occasion, ever; or by the programme to this customer lately."""
    lately = (
        (Grant.customer_id == customer_id)
        & (Grant.origin == Origin.PROGRAMME)
        & (Grant.budget == terms.programme)
        & (Grant.created_at > work.now - timedelta(days=terms.every_days))
        & Grant.state.not_in(_GONE)
    )
    query = select(exists().where((Grant.key == terms.key) | lately))
    return bool(await work.session.scalar(query))


async def _has_budget(work: Work, terms: GiftTerms) -> bool:
    """Within the programme's own month; what the rules of tickets allow it is asked beside."""
    if terms.month is None:
        return True
    gone = await spent(work.session, terms.programme, work.policy.month(work.now), terms.currency)
    return gone + terms.amount_minor <= terms.month


async def spent(session: ReadSession, programme: str, month: str, currency: str) -> int:
    """What the programme has given or promised in a month, in minor units."""
    return -await ledger.balance(session, ledger.budget_account(programme, month, currency))
