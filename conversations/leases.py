"""The right to do one thing alone among all processes, for a while: to send for a bot, to poll for it.

A lease has a fence, a number that grows with each new holder: work done under an older number is void.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, text

from core.columns import UtcDateTime
from core.database import WriteSession

#: With renewal every third of it, somebody else takes over within 12 s of a holder's death.
LEASE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class HeldLease:
    """`fence` is this holder's number; the lease is good before `until`."""

    name: str
    holder: str
    fence: int
    until: datetime


_NAME = bindparam("name", type_=String())
_HOLDER = bindparam("holder", type_=String())
_NOW = bindparam("now", type_=UtcDateTime())

_ACQUIRE = text(
    "INSERT INTO lease (name, holder, fence, until) VALUES (:name, :holder, 1, :until)"
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,"
    " fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END"
    " WHERE lease.holder = excluded.holder OR lease.until <= :now RETURNING fence"
).bindparams(_NAME, _HOLDER, _NOW, bindparam("until", type_=UtcDateTime()))

_RENEW = text(
    "UPDATE lease SET until = :until WHERE name = :name AND holder = :holder AND fence = :fence RETURNING fence"
).bindparams(_NAME, _HOLDER, bindparam("until", type_=UtcDateTime()))

_RELEASE = text("UPDATE lease SET holder = '', until = :now WHERE name = :name AND holder = :holder").bindparams(
    _NAME, _HOLDER, _NOW
)


def new_worker_id() -> str:
    """A name for this start of this process, to hold claims and leases under; never used twice."""
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"


async def acquire(
    session: WriteSession, name: str, holder: str, now: datetime, seconds: float = LEASE_SECONDS
) -> HeldLease | None:
    """The lease when it is free, run out, or the holder's already (then it is renewed); None while another has it."""
    until = now + timedelta(seconds=seconds)
    values = {"name": name, "holder": holder, "now": now, "until": until}
    fence = (await session.execute(_ACQUIRE, values)).scalar_one_or_none()
    return None if fence is None else HeldLease(name, holder, fence, until)


async def renew(
    session: WriteSession, lease: HeldLease, now: datetime, seconds: float = LEASE_SECONDS
) -> HeldLease | None:
    """The lease with a later end; None when somebody else has taken it meanwhile."""
    until = now + timedelta(seconds=seconds)
    values = {"name": lease.name, "holder": lease.holder, "fence": lease.fence, "until": until}
    found = (await session.execute(_RENEW, values)).scalar_one_or_none()
    return None if found is None else HeldLease(lease.name, lease.holder, lease.fence, until)


async def release(session: WriteSession, name: str, holder: str, now: datetime) -> None:
    """Lets the next one have it at once. Of no effect when `holder` does not have it."""
    await session.execute(_RELEASE, {"name": name, "holder": holder, "now": now})
