"""The book of what was promised and given: double entry, append-only, every movement once for ever.

Money goes from a month's budget to what is promised to a customer, and from there to what was given, or back. So each
currency sums to zero; a budget's balance is what it has spent, as a negative number; the others are never negative.
"""

from datetime import datetime

from sqlalchemy import func, select, text

from core.database import ReadSession, WriteSession
from core.errors import Conflict
from tickets.money_models import Grant, LedgerEntry

PROMISE, GIVE, RETURN = "promise", "give", "return"
#: Both ends of a promise share one key, so that it is either given or returned, and that once.
_SETTLE = "settle"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('ledger', 0))")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('ledger', 0))")


async def lock(session: WriteSession) -> None:
    """Makes this transaction the only one that moves money, to its end; on SQLite every writer is alone anyway.

    Whoever locks a ticket too does so before.
    """
    if session.get_bind().dialect.name != "sqlite":
        await session.execute(_LOCK)


async def try_lock(session: WriteSession) -> bool:
    """As `lock`, without waiting: for whoever has locked a customer already. False: somebody else moves money."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(await session.scalar(_TRY_LOCK))


def budget_account(name: str, month: str, currency: str) -> str:
    return f"budget:{name}:{month}:{currency}"


def promised_account(customer_id: int, currency: str) -> str:
    return f"promised:{customer_id}:{currency}"


def given_account(currency: str) -> str:
    return f"given:{currency}"


async def promise(session: WriteSession, grant: Grant, month: str, now: datetime) -> None:
    """From the budget to what is promised to the customer. An amount of nothing leaves no trace."""
    source = budget_account(grant.budget, month, grant.currency)
    target = promised_account(grant.customer_id, grant.currency)
    await _move(session, grant, PROMISE, PROMISE, source, target, now)


async def give(session: WriteSession, grant: Grant, now: datetime) -> None:
    """From what was promised to what was given: issued, or a voucher redeemed. Raises Conflict when it was settled."""
    _, promised = await _promised(session, grant)
    await _move(session, grant, GIVE, _SETTLE, promised, given_account(grant.currency), now)


async def take_back(session: WriteSession, grant: Grant, now: datetime) -> None:
    """From what was promised back to the budget that it came from. Raises Conflict when it was settled."""
    budget, promised = await _promised(session, grant)
    await _move(session, grant, RETURN, _SETTLE, promised, budget, now)


async def is_promised(session: ReadSession, grant: Grant) -> bool:
    """Whether money lies promised for the grant, neither given nor returned."""
    moves = set(await session.scalars(select(LedgerEntry.move).where(LedgerEntry.grant_id == grant.id)))
    return moves == {PROMISE}


async def _promised(session: ReadSession, grant: Grant) -> tuple[str, str]:
    """The accounts of the promise; the customer may have another file by now."""
    query = select(LedgerEntry).where(LedgerEntry.grant_id == grant.id, LedgerEntry.move == PROMISE)
    sides = {entry.amount_minor > 0: entry.account for entry in await session.scalars(query)}
    if grant.amount_minor and not sides:
        raise Conflict(f"nothing was promised for compensation {grant.id}")
    return sides.get(False, ""), sides.get(True, "")


async def _move(
    session: WriteSession, grant: Grant, move: str, key: str, source: str, target: str, now: datetime
) -> None:
    """Two entries. Their keys are unique for ever."""
    if grant.amount_minor == 0:
        return
    for side, account, amount in (("from", source, -grant.amount_minor), ("to", target, grant.amount_minor)):
        session.add(
            LedgerEntry(
                key=f"grant:{grant.id}:{key}:{side}", grant_id=grant.id, move=move, account=account,
                amount_minor=amount, currency=grant.currency, at=now,
            )
        )  # fmt: skip
    await session.flush()


async def balance(session: ReadSession, account: str) -> int:
    """In minor units."""
    total = select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(LedgerEntry.account == account)
    return int(await session.scalar(total) or 0)


async def totals(session: ReadSession) -> dict[str, int]:
    """The sum of each currency, which is zero."""
    query = select(LedgerEntry.currency, func.sum(LedgerEntry.amount_minor)).group_by(LedgerEntry.currency)
    return {currency: int(total) for currency, total in (await session.execute(query)).all()}


async def list_entries(
    session: ReadSession, account: str | None, before_id: int | None = None, limit: int = 50
) -> list[LedgerEntry]:
    """Newest first."""
    query = select(LedgerEntry).order_by(LedgerEntry.id.desc()).limit(limit)
    query = query if account is None else query.where(LedgerEntry.account == account)
    return list(await session.scalars(query if before_id is None else query.where(LedgerEntry.id < before_id)))
