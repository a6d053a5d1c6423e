"""Every kind of rules that the product has, and how each is tried out before it is published."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.database import Database
from core.rule_texts import RuleKind
from core.rulebook import Edition, Rulebook
from core.shop import read_shop
from customers import segment_views
from customers.segment_rules import SEGMENTS
from tickets import backtest, simulator
from tickets.calendars import CALENDARS
from tickets.rules import TICKETS


@dataclass(frozen=True, slots=True)
class Tried:
    """What other rules would change: of `examined` things, each change as a flat row."""

    examined: int
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Trial:
    """On what rules are tried out: the shop's data, in its zone, `days` back from now."""

    database: Database
    zone: ZoneInfo
    now: datetime
    days: int = 30


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


KINDS: tuple[RuleKind[Any], ...] = (SEGMENTS, TICKETS, CALENDARS)
BACKTESTS: Mapping[str, Backtest] = {
    SEGMENTS.name: _segments,
    TICKETS.name: _tickets,
    CALENDARS.name: _calendars,
}


def make_rulebook() -> Rulebook:
    return Rulebook(KINDS)


async def try_out(trial: Trial, rulebook: Rulebook, kind: RuleKind[Any], text: str) -> Tried:
    """What `text` would change. Raises InvalidInput: wrong rules."""
    new = kind.parse(text)
    async with trial.database.read() as session:
        old = await rulebook.current(session, kind)
    return await BACKTESTS[kind.name](trial, old, new)
