"""Every kind of rules that the product has, and how each is tried out before it is published."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.database import Database
from core.rule_texts import RuleKind
from core.rulebook import Edition, Rulebook
from customers import segment_views
from customers.segment_rules import SEGMENTS


@dataclass(frozen=True, slots=True)
class Tried:
    """What other rules would change: of `examined` things, each change as a flat row."""

    examined: int
    changes: list[dict[str, Any]]


#: database, the rules that hold, the new ones, now, how many days back -> what would change.
Backtest = Callable[[Database, Edition[Any], Any, datetime, int], Awaitable[Tried]]


async def _segments(database: Database, old: Edition[Any], new: Any, now: datetime, days: int) -> Tried:
    examined, moves = await segment_views.backtest(database, old, new, now)
    return Tried(examined, [asdict(move) for move in moves])


KINDS: tuple[RuleKind[Any], ...] = (SEGMENTS,)
BACKTESTS: Mapping[str, Backtest] = {SEGMENTS.name: _segments}


def make_rulebook() -> Rulebook:
    return Rulebook(KINDS)


async def try_out(
    database: Database, rulebook: Rulebook, kind: RuleKind[Any], text: str, now: datetime, days: int
) -> Tried:
    """What `text` would change. Raises InvalidInput: wrong rules."""
    new = kind.parse(text)
    async with database.read() as session:
        old = await rulebook.current(session, kind)
    return await BACKTESTS[kind.name](database, old, new, now, days)
