"""Finding customers: lists with filters and ranking, and audiences. Nothing here commits."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, cast, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from core.database import ReadSession
from customers.models import Customer, Order
from customers.segment_models import SegmentState
from customers.values import Stage, Tier


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom to list; None leaves a field open. `ages` (from, to, both included) needs a birthday with its year."""

    text: str | None = None
    external_id: str | None = None
    tier: Tier | None = None
    stage: Stage | None = None
    tag: str | None = None
    region: str | None = None
    product: str | None = None
    ages: tuple[int, int] | None = None

    def narrow(self, query: Select[Any], dialect: str, today: date) -> Select[Any]:
        query = query.where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))
        if self.text is not None:
            columns = (Customer.name, Customer.phone, Customer.email, Customer.external_id, Customer.organisation)
            query = query.where(or_(*(column.icontains(self.text, autoescape=True) for column in columns)))
        if self.external_id is not None:
            query = query.where(Customer.external_id == self.external_id)
        if self.tier is not None:
            query = query.where(Customer.tier == self.tier)
        if self.stage is not None:
            query = query.where(Customer.stage == self.stage)
        if self.tag is not None:
            query = query.where(_has_tag(self.tag, dialect))
        return self._narrow_by_orders(self._narrow_by_age(query, today))

    def _narrow_by_age(self, query: Select[Any], today: date) -> Select[Any]:
        if self.ages is None:
            return query
        youngest, oldest = self.ages
        year = cast(func.substr(Customer.birthday, 1, 4), Integer)
        return query.where(
            func.length(Customer.birthday) == 10, year.between(today.year - oldest, today.year - youngest)
        )

    def _narrow_by_orders(self, query: Select[Any]) -> Select[Any]:
        for column, wanted in ((Order.region, self.region), (Order.product, self.product)):
            if wanted is not None:
                query = query.where(exists().where(Order.customer_id == Customer.id, column == wanted))
        return query


def _has_tag(tag: str, dialect: str) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return cast(Customer.tags, JSONB).contains([tag])
    items = func.json_each(Customer.tags).table_valued("value")
    return exists(select(true()).select_from(items).where(cast(items.c.value, Text) == tag))


async def list_customers(
    session: ReadSession, wanted: Audience, today: date, before_id: int | None = None, limit: int = 50
) -> list[Customer]:
    """Newest first by id; `before_id` is the last id of the page before."""
    query = wanted.narrow(select(Customer), session.get_bind().dialect.name, today)
    query = query.order_by(Customer.id.desc()).limit(limit)
    return list(await session.scalars(query if before_id is None else query.where(Customer.id < before_id)))


async def list_by_score(
    session: ReadSession, wanted: Audience, today: date, offset: int = 0, limit: int = 50
) -> list[Customer]:
    """The best first."""
    query = wanted.narrow(select(Customer), session.get_bind().dialect.name, today)
    score = func.coalesce(SegmentState.score, 0)
    query = query.join(SegmentState, SegmentState.customer_id == Customer.id, isouter=True)
    return list(await session.scalars(query.order_by(score.desc(), Customer.id).offset(offset).limit(limit)))


async def count_customers(session: ReadSession, wanted: Audience, today: date) -> int:
    query = wanted.narrow(select(Customer), session.get_bind().dialect.name, today)
    return await session.scalar(select(func.count()).select_from(query.subquery())) or 0
