"""Whether a programme does any good: sent, answered, stopped, and bought afterwards beside those who were kept out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from conversations.contact_rules import Reason
from conversations.prompt_models import PromptAnswer
from conversations.prompts import AnswerKind
from core.columns import UtcDateTime
from core.database import ReadSession
from customers.models import Order
from customers.values import OrderStatus
from scheduler.models import FollowUp
from scheduler.programme_rules import Programme
from scheduler.stopping import count_stops
from scheduler.values import FollowUpState
from tickets.money_models import Grant
from tickets.values import GrantState, Origin

_REACHED = (FollowUpState.SENT, FollowUpState.ANSWERED, FollowUpState.UNKNOWN)
_NOT_BOUGHT = (OrderStatus.CANCELLED, OrderStatus.RETURNED)
_TAKEN = (GrantState.ACCEPTED, GrantState.ISSUED, GrantState.REDEEMED)


@dataclass(frozen=True, slots=True)
class Bought:
    """Of `customers` whose days are over, how many bought within them; for `running` others the days still run."""

    customers: int
    bought: int
    running: int

    @property
    def share(self) -> float | None:
        return round(self.bought / self.customers, 4) if self.customers else None


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How often a question (numbered from 1) got one answer; words and questions are counted without their words."""

    question: int
    kind: AnswerKind
    value: str | None
    count: int


@dataclass(frozen=True, slots=True)
class GiftCount:
    """In one currency: how many gifts were offered, how many taken, and what those are worth."""

    currency: str
    offered: int
    taken: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ProgrammeReport:
    """All that it has done. `since`: of its first follow-up. `within_days`: what counts as bought because of it."""

    programme: str
    since: datetime | None
    states: Mapping[FollowUpState, int]
    skipped: Mapping[str, int]
    answered: int
    stopped: int
    answers: tuple[AnswerCount, ...]
    gifts: tuple[GiftCount, ...]
    within_days: int
    reached: Bought
    held_out: Bought

    @property
    def sent(self) -> int:
        return sum(self.states.get(state, 0) for state in (FollowUpState.SENT, FollowUpState.ANSWERED))


async def read_report(session: ReadSession, programme: Programme, now: datetime) -> ProgrammeReport:
    of_it = FollowUp.programme == programme.id
    states = select(FollowUp.state, func.count()).where(of_it).group_by(FollowUp.state)
    counted = {row[0]: row[1] for row in await session.execute(states)}
    since = await session.scalar(select(func.min(FollowUp.due_at, type_=UtcDateTime())).where(of_it))
    stops = await count_stops(session, programme.id, since or now)
    was_sent = of_it & FollowUp.state.in_(_REACHED) & FollowUp.sent_at.is_not(None)
    was_held_out = of_it & (FollowUp.because == Reason.HOLDOUT.value)
    days = programme.bought_within_days
    return ProgrammeReport(
        programme=programme.id,
        since=since,
        states=counted,
        skipped=await _skipped(session, of_it),
        answered=counted.get(FollowUpState.ANSWERED, 0),
        stopped=stops.stopped,
        answers=await _answers(session, programme.id),
        gifts=await _gifts(session, programme.id),
        within_days=days,
        reached=await _bought(session, was_sent, FollowUp.sent_at, days, now),
        held_out=await _bought(session, was_held_out, FollowUp.due_at, days, now),
    )


async def _skipped(session: ReadSession, of_it: ColumnElement[bool]) -> dict[str, int]:
    """By reason."""
    query = select(FollowUp.because, func.count()).where(of_it, FollowUp.state == FollowUpState.SKIPPED)
    found = {str(row[0]): int(row[1]) for row in await session.execute(query.group_by(FollowUp.because))}
    return dict(sorted(found.items()))


async def _answers(session: ReadSession, programme: str) -> tuple[AnswerCount, ...]:
    columns = (PromptAnswer.question, PromptAnswer.kind, PromptAnswer.value)
    query = select(*columns, func.count()).where(PromptAnswer.programme == programme).group_by(*columns)
    rows = (await session.execute(query.order_by(*columns))).all()
    return tuple(AnswerCount(row[0] + 1, row[1], row[2], row[3]) for row in rows)


async def _gifts(session: ReadSession, programme: str) -> tuple[GiftCount, ...]:
    is_its = (Grant.origin == Origin.PROGRAMME) & (Grant.budget == programme)
    taken = Grant.state.in_(_TAKEN)
    query = (
        select(
            Grant.currency,
            func.count(),
            func.count().filter(taken),
            func.coalesce(func.sum(Grant.amount_minor).filter(taken), 0),
        )
        .where(is_its)
        .group_by(Grant.currency)
        .order_by(Grant.currency)
    )
    return tuple(GiftCount(row[0], row[1], row[2], int(row[3])) for row in await session.execute(query))


async def _bought(session: ReadSession, which: ColumnElement[bool], at: Any, days: int, now: datetime) -> Bought:
    """Counted once a customer, from the first time on."""
    first = _first(which, at)
    over = now - timedelta(days=days)
    is_over = func.count().filter(first.c.at <= over)
    customers, all_of_them = (await session.execute(select(is_over, func.count()).select_from(first))).one()
    query = (
        select(first.c.at, func.min(Order.placed_at, type_=UtcDateTime()).label("placed_at"))
        .join(Order, (Order.customer_id == first.c.customer_id) & (Order.placed_at > first.c.at))
        .where(first.c.at <= over, Order.status.not_in(_NOT_BOUGHT))
        .group_by(first.c.customer_id, first.c.at)
    )
    rows = (await session.execute(query)).all()
    bought = sum(row.placed_at - row.at <= timedelta(days=days) for row in rows)
    return Bought(customers, bought, all_of_them - customers)


def _first(which: ColumnElement[bool], at: Any) -> Any:
    query: Select[Any] = select(FollowUp.customer_id, func.min(at, type_=UtcDateTime()).label("at"))
    return query.where(which).group_by(FollowUp.customer_id).subquery()
