"""What happens with time: jobs that are safe to run at any time, twice, and in several processes at once.

Each looks up what is due in a short read, then works through it in small transactions.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.clock import Clock
from core.database import Database, ReadSession
from knowledge_base.articles import publish_due
from tickets import given_words, redemption, snoozing, sweep
from tickets.policy import Policies, Work
from tickets.timeline import CLOCK

#: Ids a transaction: on SQLite nobody else may write meanwhile.
AT_ONCE = 25
#: Ids a look: a backlog after a pause is worked off in turns.
_A_LOOK = 1000

Find = Callable[[ReadSession, datetime, int], Awaitable[Sequence[int]]]
Handle = Callable[[Work, Sequence[int]], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Shop:
    """What jobs work on."""

    database: Database
    clock: Clock
    policies: Policies


@dataclass(frozen=True, slots=True)
class Job:
    """`run` is called every `seconds`; it returns how much it did."""

    name: str
    seconds: float
    run: Callable[[Shop], Awaitable[int]]


async def keep_promises(shop: Shop) -> int:
    """Warnings and breaches of what was promised about tickets, and who hears of them."""
    return await _work_off(shop, sweep.find_due, sweep.note_promises)


async def end_waits(shop: Shop) -> int:
    """Tickets on hold come back when their time has come."""
    return await _work_off(shop, sweep.find_waits_over, sweep.end_waits)


async def end_snoozes(shop: Shop) -> int:
    """Tickets that were put aside come back when their time has come."""
    return await _work_off(shop, snoozing.find_over, snoozing.wake_all)


async def keep_words(shop: Shop) -> int:
    """Reminds agents of the times that they wrote to customers, and notes those that have passed."""
    return await _work_off(shop, given_words.find_due, given_words.note_all)


async def end_silence(shop: Shop) -> int:
    """Customers who keep silent are warned, then their tickets are closed; solved ones close by themselves."""
    async with shop.database.read() as session:
        life = (await shop.policies.current(session)).rules.life

    async def find(session: ReadSession, now: datetime, limit: int) -> Sequence[int]:
        return await sweep.find_silent(session, life, now, limit)

    return await _work_off(shop, find, sweep.end_silence)


async def end_offers(shop: Shop) -> int:
    """Offers and vouchers whose time is over; the money goes back."""
    return await _work_off(shop, redemption.find_expired, redemption.expire_all)


async def publish_articles(shop: Shop) -> int:
    """Notes down the articles whose date has come; they are served from their instant on in any case."""
    async with shop.database.write() as session:
        return await publish_due(session, shop.clock.now())


async def _work_off(shop: Shop, find: Find, handle: Handle) -> int:
    """Finds and handles until nothing is due, or nothing more can be done now."""
    done = 0
    while True:
        async with shop.database.read() as session:
            due = await find(session, shop.clock.now(), _A_LOOK)
        handled = 0
        for start in range(0, len(due), AT_ONCE):
            async with shop.database.write() as session:
                work = await shop.policies.work(session, shop.clock.now(), CLOCK)
                handled += await handle(work, due[start : start + AT_ONCE])
        done += handled
        if len(due) < _A_LOOK or not handled:
            return done


JOBS: tuple[Job, ...] = (
    Job("promises", 15, keep_promises),
    Job("waits", 60, end_waits),
    Job("snoozes", 30, end_snoozes),
    Job("words", 30, keep_words),
    Job("silence", 600, end_silence),
    Job("offers", 300, end_offers),
)
