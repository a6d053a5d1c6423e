"""Senders who are not answered for a while: what they write is kept. Nothing here commits."""

from datetime import datetime, timedelta

from core import signals
from core.database import WriteSession
from core.errors import InvalidInput
from customers import service
from customers.models import Customer
from staff import audit

#: For how long, when nobody says.
USUALLY = timedelta(days=30)
LONGEST = timedelta(days=3660)
_LONGEST_REASON = 200


async def block(
    session: WriteSession, customer_id: int, reason: str, until: datetime | None, *, by: str, now: datetime
) -> Customer:
    """What the customer writes before `until` (None: for thirty days) is kept and not answered.

    Raises:
        CustomerNotFound
        InvalidInput: no reason, or an end that has passed.
    """
    ends = until or now + USUALLY
    if not reason.strip():
        raise InvalidInput("say why, for whoever reads it later", {"reason": "is empty"})
    if not now < ends <= now + LONGEST:
        raise InvalidInput("until when? that is not ahead, or too far", {"until": "is not ahead"})
    customer = await service.lock_customer(session, customer_id)
    _write(session, customer, ends, reason.strip()[:_LONGEST_REASON], by, now)
    await session.flush()
    return customer


async def unblock(session: WriteSession, customer_id: int, *, by: str, now: datetime) -> Customer:
    """Answered again from now on. Raises CustomerNotFound."""
    customer = await service.lock_customer(session, customer_id)
    _write(session, customer, None, None, by, now)
    await session.flush()
    return customer


def _write(
    session: WriteSession, customer: Customer, until: datetime | None, reason: str | None, by: str, now: datetime
) -> None:
    before = customer.blocked_until
    customer.blocked_until, customer.blocked_because = until, reason
    changes = {"blocked_until": (before and before.isoformat(), until and until.isoformat())}
    action = "customers.block" if until else "customers.unblock"
    audit.record(session, actor=by, action=action, object=f"customer:{customer.id}", now=now, changes=changes)
    session.signal(signals.CUSTOMERS)
