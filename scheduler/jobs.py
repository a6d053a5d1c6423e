"""What happens with time: jobs that are safe to run at any time, twice, and in several processes at once.

Each looks up what is due in a short read, then works through it in small transactions.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from conversations import grant_news, ticket_news
from conversations.desk import tending
from core.clock import Clock
from core.database import Database, ReadSession
from core.errors import Conflict
from core.outages import is_outage
from knowledge_base.articles import publish_due
from tickets import given_words, giving, lateness, offers, redemption, snoozing, sweep
from tickets.grants import RULES
from tickets.policy import Policies, Work
from tickets.timeline import CLOCK

log = structlog.get_logger(__name__)

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


async def give_tickets(shop: Shop) -> int:
    """Tickets that nobody has go to whoever fits and has room; from who does not react, back."""
    back = await _work_off(shop, giving.find_unanswered, giving.take_back_all)
    return back + await _work_off(shop, giving.find_unassigned, giving.give_all)


async def tend_conversations(shop: Shop) -> int:
    """Owners who are gone, promised times that have passed, last words that nobody answered."""
    looks = (
        (tending.find_unsettled, tending.settle),
        (tending.find_late, tending.own_up),
        (tending.find_forgotten, tending.surface),
    )
    return sum([await _one_by_one(shop, find, handle) for find, handle in looks])


async def _one_by_one(shop: Shop, find: Find, handle: Callable[[Work, int], Awaitable[bool]]) -> int:
    """Each found one in a transaction of its own."""
    async with shop.database.read() as session:
        due = await find(session, shop.clock.now(), _A_LOOK)
    done = 0
    for one in due:
        done += await _in_one(shop, lambda work, ids: handle(work, ids[0]), [one], CLOCK)
    return done


async def end_silence(shop: Shop) -> int:
    """Customers who keep silent are warned, then their tickets are closed, and they hear it; solved ones just close."""
    async with shop.database.read() as session:
        life = (await shop.policies.current(session)).rules.life

    async def find(session: ReadSession, now: datetime, limit: int) -> Sequence[int]:
        return await sweep.find_silent(session, life, now, limit)

    return await _work_off(shop, find, ticket_news.end_silence, at_once=1)


async def tell_who_waits(shop: Shop) -> int:
    """Whoever was promised an answer that will be late hears a new time, and who is on it."""
    return await _work_off(shop, lateness.find_late, ticket_news.tell_who_waits, at_once=1)


async def remind_of_offers(shop: Shop) -> int:
    """Offers that end soon and were not answered."""
    async with shop.database.read() as session:
        days = (await shop.policies.current(session)).rules.limits.remind_days_before

    async def find(session: ReadSession, now: datetime, limit: int) -> Sequence[int]:
        return await redemption.find_to_remind(session, days, now, limit)

    return await _work_off(shop, find, grant_news.remind, at_once=1)


async def offer_what_rules_give(shop: Shop) -> int:
    """Complaints whose customer did not say more: what the rules give by themselves is offered all the same."""
    return await _work_off(shop, offers.find_unoffered, grant_news.offer_what_rules_give, at_once=1, actor=RULES)


async def end_offers(shop: Shop) -> int:
    """Offers and vouchers whose time is over: the money goes back, and whoever did not answer hears it."""
    return await _work_off(shop, redemption.find_expired, grant_news.expire, at_once=1)


async def publish_articles(shop: Shop) -> int:
    """Notes down the articles whose date has come; they are served from their instant on in any case."""
    async with shop.database.write() as session:
        return await publish_due(session, shop.clock.now())


async def _work_off(shop: Shop, find: Find, handle: Handle, *, at_once: int = AT_ONCE, actor: str = CLOCK) -> int:
    """Finds and handles until nothing is due, or nothing more can be done now.

    Whoever speaks to customers handles one at a time: each locks a conversation, and then its ticket.
    """
    done = 0
    while True:
        async with shop.database.read() as session:
            due = await find(session, shop.clock.now(), _A_LOOK)
        handled = 0
        for start in range(0, len(due), at_once):
            handled += await _in_one(shop, handle, due[start : start + at_once], actor)
        done += handled
        if len(due) < _A_LOOK or not handled:
            return done


async def _in_one(shop: Shop, handle: Handle, ids: Sequence[int], actor: str) -> int:
    """Handles `ids` in one transaction; when that fails each in one of its own, so that none holds up the others.

    What could not be done now is found again.
    """
    try:
        async with shop.database.write() as session:
            return await handle(await shop.policies.work(session, shop.clock.now(), actor), ids)
    except Exception as error:
        if is_outage(error):
            raise
        if len(ids) == 1:
            if not isinstance(error, Conflict):
                log.error("job_left_one", id=ids[0], exc_info=error)
            return 0
    return sum([await _in_one(shop, handle, [one], actor) for one in ids])


JOBS: tuple[Job, ...] = (
    Job("promises", 15, keep_promises),
    Job("waits", 60, end_waits),
    Job("snoozes", 30, end_snoozes),
    Job("words", 30, keep_words),
    Job("giving", 15, give_tickets),
    Job("conversations", 20, tend_conversations),
    Job("silence", 600, end_silence),
    Job("lateness", 30, tell_who_waits),
    Job("offers", 300, end_offers),
    Job("reminders", 600, remind_of_offers),
    Job("gifts", 300, offer_what_rules_give),
)
