"""Placing everybody anew, and writing what changed: in small transactions, so that the bot answers meanwhile.

Safe to run at any time and twice: it derives everything from the orders and the rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from core import signals
from core.database import Database, WriteSession
from core.money import minor_digits
from core.rulebook import Edition, Rulebook
from core.shop import read_shop
from customers.models import Customer
from customers.segment_figures import read_figures
from customers.segment_models import SegmentMove, SegmentState
from customers.segment_rules import SEGMENTS, SegmentRules
from customers.segments import NO_STAGE, STAGES, TIERS, Figures, Integers, Placement, place

#: Rows a transaction: on SQLite few, as nobody else may write meanwhile.
_AT_ONCE_SQLITE, _AT_ONCE = 500, 10_000


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. `moved` counts changes of tier and of stage."""

    customers: int
    moved: int
    rules: str


async def refresh(database: Database, rulebook: Rulebook, now: datetime) -> Refreshed:
    """Scores, tiers and stages of everybody, by the rules that hold now."""
    async with database.read() as session:
        edition = await rulebook.current(session, SEGMENTS)
        currency = (await read_shop(session))[0].currency
    figures = await read_figures(database, edition.rules.scores, currency, now)
    placement = place(figures, edition.rules, 10 ** minor_digits(currency))
    moved = 0
    at_once = _AT_ONCE_SQLITE if database.is_sqlite else _AT_ONCE
    bought = np.flatnonzero(figures.orders > 0)
    for chosen in _batches(bought, at_once):
        async with database.write() as session:
            await _save_states(session, figures, placement, chosen, now)
    for chosen in _batches(np.flatnonzero(is_moved(figures, placement)), at_once):
        async with database.write() as session:
            moved += await _save_moves(session, figures, placement, chosen, edition, now)
    return Refreshed(len(figures), moved, f"{edition.kind}@{edition.number}")


def is_moved(figures: Figures, placement: Placement) -> Any:
    """A mask of those whose tier or stage changes."""
    return (placement.tier != figures.tier) | (placement.stage != figures.stage)


def _batches(chosen: Integers, size: int) -> Iterator[Integers]:
    return (chosen[start : start + size] for start in range(0, len(chosen), size))


async def _save_states(
    session: WriteSession, figures: Figures, placement: Placement, chosen: Integers, now: datetime
) -> None:
    rows = [
        {
            "customer_id": int(figures.ids[i]),
            "score": float(placement.score[i]),
            "orders": int(figures.orders[i]),
            "spent_minor": int(figures.spent[i]),
            "first_order_at": now - timedelta(days=float(figures.first_days[i])),
            "last_order_at": now - timedelta(days=float(figures.last_days[i])),
            "rhythm_days": round(float(placement.rhythm_days[i]), 3),
            "refreshed_at": now,
        }
        for i in chosen
    ]
    await session.execute(_upsert(session.get_bind().dialect.name), rows)


def _upsert(dialect: str) -> Any:
    table = SegmentState.__table__
    assert isinstance(table, Table)
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    new = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=["customer_id"], set_=new)


async def _save_moves(
    session: WriteSession,
    figures: Figures,
    placement: Placement,
    chosen: Integers,
    edition: Edition[SegmentRules],
    now: datetime,
) -> int:
    """Writes the new places, and a line of history for everybody who had one; the first place is no move."""
    table = Customer.__table__
    assert isinstance(table, Table)
    places = [
        {"of": int(figures.ids[i]), "new_tier": TIERS[placement.tier[i]], "new_stage": STAGES[placement.stage[i]]}
        for i in chosen
    ]
    # Straight to the table: the file's version counts what people edit.
    await session.execute(
        update(table)
        .where(table.c.id == bindparam("of"))
        .values(tier=bindparam("new_tier"), stage=bindparam("new_stage")),
        places,
    )
    moves = [move for i in chosen for move in _moves(figures, placement, i, edition, now)]
    if moves:
        await session.execute(insert(SegmentMove.__table__), moves)  # type: ignore[arg-type]
    session.signal(signals.CUSTOMERS)
    return len(moves)


def _moves(
    figures: Figures, placement: Placement, i: int, edition: Edition[SegmentRules], now: datetime
) -> Iterator[dict[str, Any]]:
    if figures.stage[i] == NO_STAGE:
        return
    base = {"customer_id": int(figures.ids[i]), "at": now, "facts": facts_of(figures, placement, i, edition.rules)}
    if placement.tier[i] != figures.tier[i]:
        rule = edition.rules.tier[placement.tier_rule[i]].id
        before, after = TIERS[figures.tier[i]], TIERS[placement.tier[i]]
        yield base | {"what": "tier", "before": before, "after": after, "rule": edition.name_of(rule)}
    if placement.stage[i] != figures.stage[i]:
        rule = edition.rules.stage[placement.stage_rule[i]].id
        before_stage, after_stage = STAGES[figures.stage[i]], STAGES[placement.stage[i]]
        yield base | {"what": "stage", "before": before_stage, "after": after_stage, "rule": edition.name_of(rule)}


def facts_of(figures: Figures, placement: Placement, i: int, rules: SegmentRules) -> dict[str, Any]:
    """What the rule saw, as the braces of its `because` name it."""
    rule = placement.tier_rule[i]
    return {
        "orders": int(figures.orders[i]),
        "spent_minor": int(figures.spent[i]),
        "score": round(float(placement.score[i]), 1),
        "silent": int(figures.last_days[i]),
        "rhythm": round(float(placement.rhythm_days[i])),
        "window": rules.scores.window_days,
        "rank": f"{sum(one.share for one in rules.tier[: rule + 1]):.0%}",
    }
