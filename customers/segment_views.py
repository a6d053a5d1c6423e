"""Segments as people look at them: counts and sums, and who would move under other rules."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from core.database import Database, ReadSession
from core.money import minor_digits
from core.rulebook import Edition
from core.shop import read_shop
from customers.directory import Audience
from customers.models import Customer
from customers.segment_figures import read_figures
from customers.segment_models import SegmentState
from customers.segment_rules import SegmentRules
from customers.segments import STAGES, TIERS, Placement, place
from customers.values import Stage, Tier


@dataclass(frozen=True, slots=True)
class Segment:
    """How many are in a tier or stage, and what they spent within the window, in the shop's currency."""

    name: str
    customers: int
    spent_minor: int


@dataclass(frozen=True, slots=True)
class Segments:
    tiers: list[Segment]
    stages: list[Segment]
    currency: str


async def count_segments(session: ReadSession, audience: Audience, today: date) -> Segments:
    """Every tier and stage of the audience, those without anybody too."""
    currency = (await read_shop(session))[0].currency
    dialect = session.get_bind().dialect.name

    async def count(column: Any, names: list[str]) -> list[Segment]:
        query = audience.narrow(_counting(column), dialect, today)
        found = {str(name): (n, int(spent)) for name, n, spent in (await session.execute(query)).all() if name}
        return [Segment(name, *found.get(name, (0, 0))) for name in names]

    tiers = await count(Customer.tier, [tier.value for tier in Tier])
    stages = await count(Customer.stage, [stage.value for stage in Stage])
    return Segments(tiers, stages, currency)


def _counting(column: Any) -> Select[Any]:
    return (
        select(column, func.count(), func.coalesce(func.sum(SegmentState.spent_minor), 0))
        .select_from(Customer)
        .join(SegmentState, SegmentState.customer_id == Customer.id, isouter=True)
        .group_by(column)
    )


@dataclass(frozen=True, slots=True)
class WouldMove:
    """How many would go from one tier or stage to another."""

    what: str
    before: str | None
    after: str
    customers: int


async def backtest(
    database: Database, old: Edition[SegmentRules], new: SegmentRules, now: datetime
) -> tuple[int, list[WouldMove]]:
    """Everybody, and who would be placed otherwise by `new` than by `old`, most first. Changes nothing."""
    async with database.read() as session:
        currency = (await read_shop(session))[0].currency
    minor = 10 ** minor_digits(currency)
    figures = await read_figures(database, old.rules.scores, currency, now)
    before = place(figures, old.rules, minor)
    if new.scores != old.rules.scores:
        figures = await read_figures(database, new.scores, currency, now)
    return len(figures), would_move(before, place(figures, new, minor))


def would_move(before: Placement, after: Placement) -> list[WouldMove]:
    tiers = Counter((TIERS[a], TIERS[b]) for a, b in zip(before.tier, after.tier, strict=True) if a != b)
    stages = Counter((STAGES[a], STAGES[b]) for a, b in zip(before.stage, after.stage, strict=True) if a != b)
    moves = [WouldMove("tier", a, b, count) for (a, b), count in tiers.items()]
    moves += [WouldMove("stage", a, b, count) for (a, b), count in stages.items()]
    return sorted(moves, key=lambda move: (-move.customers, move.what, move.before or "", move.after))
