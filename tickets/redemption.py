"""Vouchers shown and redeemed, points counted, offers that end: what happens to grants after they were given."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from core.database import ReadSession
from tickets import grants, ledger
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.values import (
    POINTS,
    GrantKind,
    GrantState,
    IllegalMove,
    Origin,
    VoucherNotFound,
    VoucherSpent,
)
from tickets.vouchers import VoucherCodes


async def list_owned(session: ReadSession, customer_id: int, now: datetime) -> list[Grant]:
    """What the customer may answer, redeem or count on, newest first: open offers, vouchers, points."""
    is_theirs = and_(Grant.state == GrantState.ISSUED, Grant.kind.in_((GrantKind.VOUCHER, GrantKind.POINTS)))
    query = select(Grant).where(Grant.customer_id == customer_id, or_(Grant.state == GrantState.OFFERED, is_theirs))
    return [grant for grant in await session.scalars(query.order_by(Grant.id.desc())) if not _is_over(grant, now)]


def _is_over(grant: Grant, now: datetime) -> bool:
    return grant.expires_at is not None and grant.expires_at <= now


async def find_voucher(session: ReadSession, codes: VoucherCodes, code: str) -> Grant:
    """The voucher with that code, in whatever state. Raises VoucherNotFound."""
    grant = await session.scalar(select(Grant).where(Grant.code_digest == codes.digest(code)))
    if grant is None:
        raise VoucherNotFound("no voucher has this code; look for a mistyped letter")
    return grant


def check(grant: Grant, now: datetime) -> None:
    """Whether it can be redeemed now.

    Raises:
        VoucherSpent: it was redeemed.
        IllegalMove: it was revoked, or has expired.
    """
    if grant.state is GrantState.REDEEMED:
        raise VoucherSpent("this voucher was redeemed already")
    if grant.state is not GrantState.ISSUED:
        raise IllegalMove(f"this voucher is {grant.state.value}")
    if _is_over(grant, now):
        raise IllegalMove("this voucher has expired")


async def redeem(work: Work, code: str, order: str | None) -> Grant:
    """Spends the voucher, once. `order`: what it was spent on.

    Raises:
        VoucherNotFound, VoucherSpent, IllegalMove
    """
    found = await find_voucher(work.session, work.codes, code)
    grant = await grants.lock_grant(work, found.id)
    check(grant, work.now)
    await ledger.give(work.session, grant, work.now)
    grant.redeemed_for, grant.redeemed_by = order, work.actor
    return await grants.turn(work, grant, GrantState.REDEEMED)


async def points_of(session: ReadSession, customer_id: int) -> int:
    """The customer's balance."""
    query = select(func.coalesce(func.sum(Grant.amount_minor), 0)).where(
        Grant.customer_id == customer_id,
        Grant.kind == GrantKind.POINTS,
        Grant.currency == POINTS,
        Grant.state == GrantState.ISSUED,
    )
    return int(await session.scalar(query) or 0)


async def find_expired(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Ids of offers and vouchers whose time is over."""
    live = (GrantState.OFFERED, GrantState.ISSUED)
    query = select(Grant.id).where(Grant.expires_at <= now, Grant.state.in_(live)).order_by(Grant.id).limit(limit)
    return list(await session.scalars(query))


async def expire_all(work: Work, grant_ids: Sequence[int]) -> int:
    """Ends those whose time is over; how many."""
    ended = [await grants.expire(work, grant_id) for grant_id in grant_ids]
    return sum(grant.state is GrantState.EXPIRED for grant in ended)


async def find_to_remind(session: ReadSession, days_before: int, now: datetime, limit: int) -> list[int]:
    """Ids of offers that end soon and of which the customer has not been reminded; nobody is reminded of a gift."""
    soon = now + timedelta(days=days_before)
    query = select(Grant.id).where(
        Grant.state == GrantState.OFFERED,
        Grant.origin != Origin.PROGRAMME,
        Grant.reminded_at.is_(None),
        Grant.expires_at > now,
        Grant.expires_at <= soon,
    )
    return list(await session.scalars(query.order_by(Grant.expires_at).limit(limit)))


async def mark_reminded(work: Work, grant_id: int) -> bool:
    """True for the first who does: the reminder goes out once."""
    grant = await grants.lock_grant(work, grant_id)
    if grant.reminded_at is not None or grant.state is not GrantState.OFFERED:
        return False
    grant.reminded_at = work.now
    await work.session.flush()
    return True
