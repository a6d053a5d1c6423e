"""Compensation from a request to its end: who may, within which limits, and what the ledger says. Nothing commits here.

Every door locks in the same order: the ticket, the ledger, the grant. Caps are read under the lock that writes.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select

from core.database import LOCK, ReadSession
from core.errors import InvalidInput, NotAllowed
from core.money import Money
from staff import audit
from staff.models import Team
from staff.values import Actor, Role
from tickets import caps, ledger, timeline
from tickets.compensation import limit_of
from tickets.models import Ticket
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.values import (
    POINTS,
    EventType,
    GrantKind,
    GrantNotFound,
    GrantState,
    IllegalMove,
    Origin,
    Reason,
)

#: Who asks and agrees when the rules do.
RULES = "rules"
GOODWILL = "goodwill"
#: Whose budget pays for tickets of no team.
NO_TEAM = "service"
_OPEN = (GrantState.PROPOSED, GrantState.APPROVED, GrantState.OFFERED, GrantState.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for. `budget` pays; `rule` and `because` when the rules had the idea. `key`: it is given once."""

    kind: GrantKind
    money: Money
    customer_id: int
    ticket: Ticket | None = None
    order_id: int | None = None
    origin: Origin = Origin.TICKET
    budget: str | None = None
    reason: str | None = None
    rule: str | None = None
    because: Reason | None = None
    facts: dict[str, object] | None = None
    valid_days: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """`to_pay`: accepted, and to be paid or sent by people."""

    ticket_id: int | None = None
    customer_id: int | None = None
    state: GrantState | None = None
    kind: GrantKind | None = None
    to_pay: bool = False

    def narrow(self, query: Select[Grant]) -> Select[Grant]:
        same = {
            Grant.ticket_id: self.ticket_id,
            Grant.customer_id: self.customer_id,
            Grant.state: self.state,
            Grant.kind: self.kind,
        }
        query = query.where(*(column == value for column, value in same.items() if value is not None))
        return query.where(Grant.state == GrantState.ACCEPTED) if self.to_pay else query


class NeedsApproval(NotAllowed):
    """It is beyond one's limit; somebody who may decide more has to agree first."""

    code = "needs_approval"


class OwnRequest(NotAllowed):
    """Nobody agrees to what they asked for themselves."""

    code = "own_request"


def check_request(kind: GrantKind, money: Money) -> None:
    """Raises InvalidInput for an amount that makes no sense."""
    if (kind is GrantKind.APOLOGY) != (money.amount_minor == 0) or money.amount_minor < 0:
        raise InvalidInput("only an apology costs nothing", {"amount_minor": "only an apology costs nothing"})
    if (kind is GrantKind.POINTS) != (money.currency == POINTS) and kind is not GrantKind.APOLOGY:
        raise InvalidInput(f"points are counted in {POINTS}, all else in money", {"currency": "does not go with it"})


async def request(work: Work, asked: Request, actor: Actor) -> Grant:
    """A person asks. Within their limit it is approved at once; beyond it waits for somebody else's yes.

    Raises:
        InvalidInput
        LimitPassed: it would pass a cap or the budget, which nobody may.
    """
    check_request(asked.kind, asked.money)
    await ledger.lock(work.session)
    grant = await _new(work, asked, actor.name)
    if asked.money.amount_minor <= limit_of(actor, work.policy.rules.limits, asked.money.currency):
        await _promise(work, grant)
    return grant


async def grant_by_rule(work: Work, asked: Request) -> Grant:
    """What the rules give by themselves, offered at once. Raises LimitPassed."""
    check_request(asked.kind, asked.money)
    await ledger.lock(work.session)
    grant = await _new(work, asked, RULES)
    await _promise(work, grant, RULES)
    await _offer(work, grant)
    return grant


async def approve(work: Work, grant_id: int, actor: Actor, confirm: int | None = None) -> Grant:
    """A second person agrees; an admin who is alone types the amount instead.

    Raises:
        GrantNotFound, IllegalMove, LimitPassed
        OwnRequest: one's own, and no admin's typed amount.
        InvalidInput: what was typed is not the amount.
    """
    grant = await lock_grant(work, grant_id)
    _must_be(grant, GrantState.PROPOSED)
    is_own = grant.requested_by == actor.name
    if is_own:
        _check_own(grant, actor, confirm)
    await caps.check(work, grant)
    grant.self_approved = is_own
    await _promise(work, grant, actor.name)
    return grant


def _check_own(grant: Grant, actor: Actor, confirm: int | None) -> None:
    if not actor.is_at_least(Role.ADMIN) or confirm is None:
        raise OwnRequest("somebody else has to agree to your request; an admin may confirm by typing the amount")
    if confirm != grant.amount_minor:
        raise InvalidInput("that is not the amount", {"confirm": "must be the amount_minor of the request"})


async def reject(work: Work, grant_id: int) -> Grant:
    """Raises GrantNotFound, IllegalMove."""
    grant = await lock_grant(work, grant_id)
    _must_be(grant, GrantState.PROPOSED)
    return await turn(work, grant, GrantState.REJECTED)


async def offer(work: Work, grant_id: int, actor: Actor) -> Grant:
    """Tells the customer. What waits for approval may go out within one's own limit.

    Raises:
        GrantNotFound, IllegalMove, LimitPassed
        NeedsApproval
    """
    grant = await lock_grant(work, grant_id)
    if grant.state is GrantState.PROPOSED:
        if grant.amount_minor > limit_of(actor, work.policy.rules.limits, grant.currency):
            raise NeedsApproval("this is beyond your limit; a supervisor has to agree first")
        await caps.check(work, grant)
        await _promise(work, grant, actor.name)
    _must_be(grant, GrantState.APPROVED)
    return await _offer(work, grant)


async def _offer(work: Work, grant: Grant) -> Grant:
    grant.expires_at = work.now + timedelta(days=work.policy.rules.limits.offer_days)
    return await turn(work, grant, GrantState.OFFERED)


async def accept(work: Work, grant_id: int) -> Grant:
    """The customer says yes. What Kefu issues is issued; the rest goes to the list of what people have to do.

    Raises:
        GrantNotFound
        IllegalMove: not offered, or the offer has expired.
    """
    grant = await lock_grant(work, grant_id)
    _must_be(grant, GrantState.OFFERED)
    if grant.expires_at is not None and grant.expires_at <= work.now:
        raise IllegalMove("the offer has expired")
    grant.expires_at = None
    await turn(work, grant, GrantState.ACCEPTED)
    return await _issue(work, grant) if grant.kind.is_issued_by_kefu else grant


async def decline(work: Work, grant_id: int) -> Grant:
    """The customer says no; the money goes back. Raises GrantNotFound, IllegalMove."""
    grant = await lock_grant(work, grant_id)
    _must_be(grant, GrantState.OFFERED)
    return await _end(work, grant, GrantState.DECLINED)


async def issue(work: Work, grant_id: int, reference: str) -> Grant:
    """It was paid or sent, and this is the shop's reference. Raises GrantNotFound, IllegalMove."""
    grant = await lock_grant(work, grant_id)
    _must_be(grant, GrantState.ACCEPTED)
    grant.reference = reference
    return await _issue(work, grant)


async def _issue(work: Work, grant: Grant) -> Grant:
    """A voucher stays promised until it is redeemed; all else is given."""
    if grant.kind is GrantKind.VOUCHER:
        code = work.codes.code(grant.id)
        grant.code_digest, grant.code_last4 = work.codes.digest(code), code[-4:]
        grant.expires_at = work.now + timedelta(days=grant.valid_days) if grant.valid_days else None
    elif grant.amount_minor:
        await ledger.give(work.session, grant, work.now)
    return await turn(work, grant, GrantState.ISSUED)


async def revoke(work: Work, grant_id: int) -> Grant:
    """Takes back what is still open; a voucher until it is redeemed. Raises GrantNotFound, IllegalMove."""
    grant = await lock_grant(work, grant_id)
    if not is_open(grant):
        raise IllegalMove(f"what is {grant.state.value} is not taken back")
    return await _end(work, grant, GrantState.REVOKED)


async def expire(work: Work, grant_id: int) -> Grant:
    """Ends an offer or a voucher whose time is over; again changes nothing."""
    grant = await lock_grant(work, grant_id)
    is_over = grant.expires_at is not None and grant.expires_at <= work.now
    return await _end(work, grant, GrantState.EXPIRED) if is_over and is_open(grant) else grant


def is_open(grant: Grant) -> bool:
    """Whether it may still be revoked or expire."""
    return grant.state in _OPEN or (grant.state is GrantState.ISSUED and grant.kind is GrantKind.VOUCHER)


async def lock_grant(work: Work, grant_id: int) -> Grant:
    """The grant as it is now, with its ticket and the ledger locked. Raises GrantNotFound."""
    grant = await get_grant(work.session, grant_id)
    if grant.ticket_id is not None:
        await work.session.get(Ticket, grant.ticket_id, with_for_update=LOCK, populate_existing=True)
    await ledger.lock(work.session)
    await work.session.refresh(grant, with_for_update=True)
    return grant


async def get_grant(session: ReadSession, grant_id: int) -> Grant:
    """Raises GrantNotFound."""
    grant = await session.get(Grant, grant_id)
    if grant is None:
        raise GrantNotFound(f"there is no compensation {grant_id}")
    return grant


async def list_grants(
    session: ReadSession, wanted: GrantFilter, before_id: int | None = None, limit: int = 50
) -> list[Grant]:
    """Newest first."""
    query = wanted.narrow(select(Grant)).order_by(Grant.id.desc()).limit(limit)
    return list(await session.scalars(query if before_id is None else query.where(Grant.id < before_id)))


def _must_be(grant: Grant, state: GrantState) -> None:
    if grant.state is not state:
        raise IllegalMove(f"compensation {grant.id} is {grant.state.value}, not {state.value}")


async def _new(work: Work, asked: Request, by: str) -> Grant:
    """Kept only when no cap forbids it."""
    grant = Grant(
        ticket_id=asked.ticket.id if asked.ticket else None,
        customer_id=asked.customer_id,
        order_id=asked.order_id or (asked.ticket.order_id if asked.ticket else None),
        origin=asked.origin,
        budget=asked.budget or await budget_of(work.session, asked.ticket),
        kind=asked.kind,
        amount_minor=asked.money.amount_minor,
        currency=asked.money.currency,
        state=GrantState.PROPOSED,
        rule=asked.rule,
        because=asked.because,
        reason=asked.reason,
        facts=asked.facts or {},
        valid_days=asked.valid_days,
        key=asked.key,
        requested_by=by,
        created_at=work.now,
        updated_at=work.now,
    )
    await caps.check(work, grant)
    work.session.add(grant)
    await work.session.flush()
    await _tell(work, grant, None)
    return grant


async def budget_of(session: ReadSession, ticket: Ticket | None) -> str:
    """Who pays: the ticket's team; without a ticket it is goodwill."""
    if ticket is None:
        return GOODWILL
    name = await session.scalar(select(Team.name).where(Team.id == ticket.team_id))
    return name or NO_TEAM


async def _promise(work: Work, grant: Grant, by: str | None = None) -> None:
    """From here on the money is spoken for."""
    grant.approved_by = by
    await ledger.promise(work.session, grant, work.policy.month(work.now), work.now)
    await turn(work, grant, GrantState.APPROVED)


async def _end(work: Work, grant: Grant, state: GrantState) -> Grant:
    if await ledger.is_promised(work.session, grant):
        await ledger.take_back(work.session, grant, work.now)
    return await turn(work, grant, state)


async def turn(work: Work, grant: Grant, state: GrantState) -> Grant:
    """Brings a locked grant into `state` and tells the book and the timeline."""
    before, grant.state, grant.updated_at = grant.state, state, work.now
    await work.session.flush()
    await _tell(work, grant, before)
    return grant


async def _tell(work: Work, grant: Grant, before: GrantState | None) -> None:
    """The book and the ticket's timeline hear of it; neither ever sees a code."""
    changes = {"state": (before.value if before else None, grant.state.value)}
    action = f"compensation.{grant.state.value}"
    audit.record(
        work.session, actor=work.actor, action=action, object=f"compensation:{grant.id}", now=work.now, changes=changes
    )
    ticket = await work.session.get(Ticket, grant.ticket_id) if grant.ticket_id else None
    if ticket is not None:
        data = {
            "compensation": grant.id, "kind": grant.kind.value, "state": grant.state.value,
            "amount_minor": grant.amount_minor, "currency": grant.currency,
        }  # fmt: skip
        reasons = [grant.because] if grant.because and before is None else []
        timeline.record(work, ticket, EventType.COMPENSATION, rule=grant.rule, reasons=reasons, data=data)
