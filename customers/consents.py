"""What customers allow: given, taken back, and the history. Nothing here commits.

The customer's own word (or what they told staff) goes before anything that a file says, whatever came last: so no
import, however late it commits, turns a "stop" into a yes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core import signals
from core.database import ReadSession, WriteSession
from customers.models import Consent
from customers.values import ConsentKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one kind. Nobody who was never asked has given anything: `at` is None then."""

    given: bool = False
    source: str | None = None
    at: datetime | None = None
    by_customer: bool = False


NEVER_ASKED = Standing()


async def list_history(session: ReadSession, customer_id: int) -> list[Consent]:
    """Every answer, newest first."""
    query = select(Consent).where(Consent.customer_id == customer_id).order_by(Consent.id.desc())
    return list(await session.scalars(query))


async def current(session: ReadSession, customer_id: int) -> dict[ConsentKind, Standing]:
    """What holds for each kind."""
    return (await current_of(session, [customer_id]))[customer_id]


async def current_of(session: ReadSession, ids: Collection[int]) -> dict[int, dict[ConsentKind, Standing]]:
    """What holds for each of these customers and each kind."""
    query = select(Consent).where(Consent.customer_id.in_(ids)).order_by(Consent.by_customer, Consent.id)
    found = {customer_id: dict.fromkeys(ConsentKind, NEVER_ASKED) for customer_id in ids}
    for row in await session.scalars(query):
        found[row.customer_id][row.kind] = Standing(row.given, row.source, row.at, row.by_customer)
    return found


async def record(
    session: WriteSession,
    customer_id: int,
    answers: Mapping[ConsentKind, bool],
    *,
    source: str,
    now: datetime,
    by_customer: bool = True,
    at: datetime | None = None,
) -> set[ConsentKind]:
    """Writes what is new in `answers`; the kinds whose answer changed. `at`: when it was given, if not now."""
    standing = await current(session, customer_id)
    changed: set[ConsentKind] = set()
    for kind, given in answers.items():
        if not is_news(standing[kind], given, by_customer):
            continue
        session.add(
            Consent(
                customer_id=customer_id,
                kind=kind,
                given=given,
                source=source[:200],
                by_customer=by_customer,
                at=at or now,
                recorded_at=now,
            )
        )
        if standing[kind].given != given:
            changed.add(kind)
    await session.flush()
    if changed:
        session.signal(signals.CUSTOMERS, customer_id)
    return changed


def is_news(standing: Standing, given: bool, by_customer: bool) -> bool:
    """Whether this answer is to be written: a file's never against the customer's word, and never twice the same."""
    if standing.by_customer and not by_customer:
        return False
    is_same = standing.at is not None and standing.given == given and standing.by_customer == by_customer
    silent_no = standing.at is None and not given and not by_customer
    return not (is_same or silent_no)


async def stop_everything(session: WriteSession, customer_id: int, *, source: str, now: datetime) -> set[ConsentKind]:
    """Ends care and promotion at once; news about their own matters goes on. The kinds that were on until now."""
    return await record(session, customer_id, dict.fromkeys(ConsentKind, False), source=source, now=now)
