"""Reading the figures of all customers, a range of ids at a time, so that a million of them fit into little memory."""

from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, case, func, select

from core.database import Database, ReadSession
from core.money import minor_digits
from customers.models import Customer, Order
from customers.segment_rules import Scores
from customers.segments import NO_STAGE, STAGES, TIERS, Figures
from customers.values import OrderStatus

_IDS_AT_ONCE = 20_000
#: Nothing was bought by these.
_NOT_BOUGHT = (OrderStatus.CANCELLED, OrderStatus.RETURNED, OrderStatus.AWAITING_PAYMENT)
_SECONDS_A_DAY = 86_400.0
_NOTHING = (0, 0, 0, None, None)


async def read_figures(database: Database, scores: Scores, currency: str, now: datetime) -> Figures:
    """The figures of everybody who has a living file, by id. `currency`: the shop's own."""
    parts = [part async for part in _parts(database, scores, currency, now)]
    if not parts:
        parts = [_figures([], now)]
    return Figures(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Figures)))


async def _parts(database: Database, scores: Scores, currency: str, now: datetime) -> AsyncIterator[Figures]:
    async with database.read() as session:
        last = await session.scalar(select(func.max(Customer.id))) or 0
    for start in range(0, last, _IDS_AT_ONCE):
        async with database.read() as session:
            yield await _read(session, scores, currency, now, start)


async def _read(session: ReadSession, scores: Scores, currency: str, now: datetime, after: int) -> Figures:
    """Two plain range scans, put together here: for a join, a kept plan of PostgreSQL misjudges the range."""
    upto = after + _IDS_AT_ONCE
    people = select(Customer.id, Customer.tier, Customer.stage).where(
        Customer.id > after, Customer.id <= upto, Customer.merged_into_id.is_(None), Customer.erased_at.is_(None)
    )
    bought = _bought(scores, currency, now).where(Order.customer_id > after, Order.customer_id <= upto)
    sums = {row[0]: tuple(row[1:]) for row in await session.execute(bought)}
    rows = [(*row, *sums.get(row[0], _NOTHING)) for row in await session.execute(people.order_by(Customer.id))]
    return _figures(rows, now)


def _bought(scores: Scores, currency: str, now: datetime) -> Select[Any]:
    """A row for each customer who bought: orders, orders and sum within the window, first and last order."""
    is_recent = Order.placed_at > now - timedelta(days=scores.window_days)
    return (
        select(
            Order.customer_id,
            func.count(),
            func.count(case((is_recent, 1))),
            func.coalesce(func.sum(case((is_recent, worth(scores, currency)), else_=0)), 0),
            func.min(Order.placed_at),
            func.max(Order.placed_at),
        )
        .where(Order.status.not_in(_NOT_BOUGHT), Order.placed_at <= now)
        .group_by(Order.customer_id)
    )


def worth(scores: Scores, currency: str) -> ColumnElement[Any]:
    """An order's amount in minor units of the shop's currency; 0 where there is no rate. No currency: the shop's."""
    own = Order.currency.is_(None) | (Order.currency == currency)
    others = [
        (Order.currency == name, Order.amount_minor * _factor(name, rate, currency))
        for name, rate in scores.rates.items()
    ]
    return case((own, Order.amount_minor), *others, else_=0)


def _factor(name: str, rate: float, currency: str) -> float:
    return rate * 10.0 ** (minor_digits(currency) - minor_digits(name))


def _figures(rows: Any, now: datetime) -> Figures:
    columns = list(zip(*rows, strict=True)) or [()] * 8
    ids, tiers, stages, orders, recent, spent, first, last = columns
    return Figures(
        ids=np.array(ids, np.int64),
        orders=np.array(orders, np.int64),
        recent_orders=np.array(recent, np.int64),
        spent=np.array([round(sum_) for sum_ in spent], np.int64),
        first_days=_days(first, now),
        last_days=_days(last, now),
        tier=np.array([TIERS.index(tier) for tier in tiers], np.int16),
        stage=np.array([NO_STAGE if stage is None else STAGES.index(stage) for stage in stages], np.int16),
    )


def _days(instants: Any, now: datetime) -> Any:
    return np.array([(now - at).total_seconds() / _SECONDS_A_DAY if at else 0.0 for at in instants], np.float64)
