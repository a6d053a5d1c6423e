"""Every kind of rules that the product has, and how each is tried out before it is published."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conversations.contact_rules import CONTACT
from core.database import Database
from core.rule_texts import RuleKind
from core.rulebook import Edition, Rulebook
from core.shop import read_shop
from customers import segment_views
from customers.segment_rules import SEGMENTS
from scheduler.occurrences import Span
from scheduler.planner import Office
from scheduler.preview import LONGEST, Asked, Row, preview
from scheduler.programme_rules import PROGRAMMES
from tickets import backtest, simulator
from tickets.calendars import CALENDARS
from tickets.rule_words import describe_calendars, describe_tickets
from tickets.rules import TICKETS


@dataclass(frozen=True, slots=True)
class Tried:
    """What other rules would change: of `examined` things, each change as a flat row."""

    examined: int
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Trial:
    """On what rules are tried out: the shop's data, in its zone, `days` back from now, or ahead for what is to come."""

    database: Database
    zone: ZoneInfo
    now: datetime
    days: int = 30
    rulebook: Rulebook = field(default_factory=lambda: make_rulebook())

    @property
    def office(self) -> Office:
        return Office(self.rulebook, self.zone)


#: What the trial is made on, the rules that hold, the new ones -> what would change.
Backtest = Callable[[Trial, Edition[Any], Any], Awaitable[Tried]]


async def _segments(trial: Trial, old: Edition[Any], new: Any) -> Tried:
    examined, moves = await segment_views.backtest(trial.database, old, new, trial.now)
    return Tried(examined, [asdict(move) for move in moves])


async def _tickets(trial: Trial, old: Edition[Any], new: Any) -> Tried:
    async with trial.database.read() as session:
        currency = (await read_shop(session))[0].currency
        replayed = await backtest.replay(session, old.rules, new, currency, trial.now, trial.days)
    return Tried(replayed.examined, [asdict(change) for change in replayed.changes])


async def _calendars(trial: Trial, old: Edition[Any], new: Any) -> Tried:
    async with trial.database.read() as session:
        found = await simulator.simulate(session, old.rules, new, trial.now, trial.zone)
    return Tried(found.examined, [asdict(change) for change in found.changes])


async def _contact(trial: Trial, old: Edition[Any], new: Any) -> Tried:
    return await _compare(trial, Asked(_ahead(trial), contact=old.rules), Asked(_ahead(trial), contact=new))


async def _programmes(trial: Trial, old: Edition[Any], new: Any) -> Tried:
    return await _compare(trial, Asked(_ahead(trial), rules=old.rules), Asked(_ahead(trial), rules=new))


def _ahead(trial: Trial) -> Span:
    """The days that a preview covers, from now on."""
    return Span(trial.now, trial.now + min(LONGEST, timedelta(days=trial.days)))


async def _compare(trial: Trial, old: Asked, new: Asked) -> Tried:
    """How many follow-ups of the days ahead would end otherwise, by programme and by what becomes of them."""
    before, after = [await preview(trial.database, trial.office, asked, trial.now) for asked in (old, new)]
    ends = [
        {_key(row): row.because.value if not row.is_sent else "send" for row in one.rows} for one in (before, after)
    ]
    moved = Counter(
        (key[0], ends[0].get(key), ends[1].get(key))
        for key in {*ends[0], *ends[1]}
        if ends[0].get(key) != ends[1].get(key)
    )
    changes = [
        {"programme": programme, "before": was, "after": becomes, "follow_ups": count}
        for (programme, was, becomes), count in sorted(moved.items(), key=lambda one: (-one[1], str(one[0])))
    ]
    return Tried(len({*ends[0], *ends[1]}), changes)


def _key(row: Row) -> tuple[str, int, str, int]:
    return row.programme.id, row.customer_id, row.occasion, row.step


KINDS: tuple[RuleKind[Any], ...] = (SEGMENTS, TICKETS, CALENDARS, CONTACT, PROGRAMMES)
BACKTESTS: Mapping[str, Backtest] = {
    SEGMENTS.name: _segments,
    TICKETS.name: _tickets,
    CALENDARS.name: _calendars,
    CONTACT.name: _contact,
    PROGRAMMES.name: _programmes,
}


def describe(kind: str, rules: Any) -> Iterator[str]:
    """What the rules say, in words; nothing for kinds that are read as they are."""
    if kind == TICKETS.name:
        yield from describe_tickets(rules)
    elif kind == CALENDARS.name:
        yield from describe_calendars(rules)


def make_rulebook() -> Rulebook:
    return Rulebook(KINDS)


async def try_out(trial: Trial, rulebook: Rulebook, kind: RuleKind[Any], text: str) -> Tried:
    """What `text` would change. Raises InvalidInput: wrong rules."""
    new = kind.parse(text)
    async with trial.database.read() as session:
        old = await rulebook.current(session, kind)
    return await BACKTESTS[kind.name](trial, old, new)
