"""Whom the shop can write to now, and on which channel. Nothing here commits."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import Database, ReadSession
from customers.models import ChannelIdentity

#: A web visitor without a socket in this long has gone.
WEB_LASTS = timedelta(hours=24)
#: `test` is the push channel of tests.
_ALWAYS_THERE = ("telegram", "http", "test")
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """`now` of `of` customers can be written to; `by_channel` counts those who are on it."""

    now: int
    of: int
    by_channel: Mapping[str, int]


def is_reachable(identity: ChannelIdentity, now: datetime) -> bool:
    """Telegram after /start and not blocked; web with a socket in the last day; other systems read by themselves."""
    if not identity.reachable:
        return False
    channel = identity.account.partition(":")[0]
    if channel == "web":
        return identity.last_seen_at is not None and now - identity.last_seen_at <= WEB_LASTS
    return channel in _ALWAYS_THERE


async def channels_of(session: ReadSession, ids: Collection[int], now: datetime) -> dict[int, set[str]]:
    """The channels on which each of these customers can be reached; those without any are missing."""
    found: dict[int, set[str]] = {}
    for batch in _batches(sorted(ids)):
        query = select(ChannelIdentity).where(ChannelIdentity.customer_id.in_(batch))
        for identity in await session.scalars(query):
            if is_reachable(identity, now):
                found.setdefault(identity.customer_id, set()).add(identity.account.partition(":")[0])
    return found


async def count_reachable(database: Database, ids: Collection[int], now: datetime) -> Reach:
    async with database.read() as session:
        found = await channels_of(session, ids, now)
    by_channel = Counter(channel for channels in found.values() for channel in channels)
    return Reach(len(found), len(ids), dict(by_channel))


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
