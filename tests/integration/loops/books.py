"""What the database and the journal say when all is done, compared."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from conversations.models import Delivery, InboxEvent
from conversations.values import DeliveryState, InboxState
from core.database import Database
from tests.integration.loops.worker import EFFECTS
from tests.support.push_channel import Journal

_LOOK = 0.02


@dataclass(frozen=True, slots=True)
class Books:
    """Counts of wrongs; a sound run has none. `resent` is what the outbox itself lists as perhaps doubled.

    `given_up`: what staff see as unknown, because it was cut off twice. An event that only such a reply answers is
    listed, not lost.
    """

    lost: int
    double_effects: int
    out_of_order: int
    unanswered: int
    answered_twice_unlisted: int
    resent: int
    given_up: int

    @property
    def wrongs(self) -> int:
        return self.lost + self.double_effects + self.out_of_order + self.unanswered + self.answered_twice_unlisted


async def read_books(database: Database, journal: Journal, total: int) -> Books:
    async with database.read() as session:
        effects = (await session.execute(select(EFFECTS).order_by(EFFECTS.c.id))).all()
        resent = set(await session.scalars(select(Delivery.id).where(Delivery.resent)))
        unknown = list(await session.scalars(select(Delivery.payload).where(Delivery.state == DeliveryState.UNKNOWN)))
    arrived = journal.arrived()
    answered = {number for call in arrived for number in call.payload["answers"]}
    listed = {number for payload in unknown for number in payload["answers"]}
    times = Counter(row.number for row in effects)
    return Books(
        lost=total - len(times),
        double_effects=sum(count - 1 for count in times.values()),
        out_of_order=count_inversions([(row.lane, row.number) for row in effects]),
        unanswered=total - len(answered | listed),
        answered_twice_unlisted=sum(1 for id_, count in journal.arrivals().items() if count > 1 and id_ not in resent),
        resent=len(resent),
        given_up=len(listed - answered),
    )


def count_inversions(seen: list[tuple[str, int]]) -> int:
    """How many numbers came after a larger one of their lane."""
    last: dict[str, int] = {}
    wrong = 0
    for lane, number in seen:
        wrong += number < last.get(lane, -1)
        last[lane] = max(number, last.get(lane, -1))
    return wrong


async def nothing_waits(database: Database) -> bool:
    live = (InboxState.PENDING, InboxState.WORKING)
    going = (DeliveryState.PENDING, DeliveryState.SENDING)
    async with database.read() as session:
        events = await session.scalar(select(func.count()).where(InboxEvent.state.in_(live)))
        deliveries = await session.scalar(select(func.count()).where(Delivery.state.in_(going)))
    return not events and not deliveries


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Returns once `condition` holds. Raises TimeoutError after `seconds` of waiting.

    The looking does not count, nor a machine that stands still.
    """
    for _ in range(round(seconds / _LOOK)):
        if await condition():
            return
        await asyncio.sleep(_LOOK)
    raise TimeoutError(f"not within {seconds} s")
