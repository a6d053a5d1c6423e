"""What has changed since a programme was looked at last: the rest need not be derived again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from core.database import ReadSession
from customers.models import Customer, Order
from customers.segment_models import SegmentMove
from scheduler.programme_rules import Audience

#: What a transaction wrote may be seen this much later than it says, and clocks differ.
_SLACK = timedelta(minutes=10)
#: When more customers than this have changed, all are looked at.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class Changes:
    """`since`: what was written down from then on is news; `customers`: whose file, place or purchases changed."""

    since: datetime
    customers: tuple[int, ...]


async def read_changes(session: ReadSession, audience: Audience, looked_at: datetime, now: datetime) -> Changes | None:
    """What concerns a programme for `audience`; None: too many to be told apart."""
    since = min(looked_at, now) - _SLACK
    found: set[int] = set()
    for query in _queries(audience, since):
        found.update(await session.scalars(query.limit(MOST + 1)))
        if len(found) > MOST:
            return None
    return Changes(since, tuple(sorted(found)))


def _queries(audience: Audience, since: datetime) -> list[Select[int]]:
    queries = [select(Customer.id).where(Customer.updated_at >= since)]
    if audience.tiers or audience.stages:
        queries.append(select(SegmentMove.customer_id).where(SegmentMove.at >= since))
    if audience.orders_at_least:
        bought = select(Order.customer_id).where(Order.updated_at >= since, Order.customer_id.is_not(None))
        queries.append(bought)
    return queries
