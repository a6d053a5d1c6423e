"""Who gets what of an occasion: one statement that joins occasions to customers, with the state each begins in.

The same statement is inserted by the planner and read by the preview, so both say the same. Whoever will surely not
get it (no consent, no channel, kept out) is written with the reason at once; the rest is asked again when it is due.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    values,
)

from conversations.contact_rules import Reason
from core.columns import JsonColumn, UtcDateTime
from customers.models import ChannelIdentity, Consent, Customer, Order
from customers.values import ConsentKind
from scheduler.occurrences import DayWide, Occurrence
from scheduler.programme_rules import Audience, Programme, ProgrammeKind
from scheduler.step_rules import Do
from scheduler.values import FollowUpKind, FollowUpState

#: What the statement gives, in the order of the columns of `FollowUp` that it fills.
COLUMNS = (
    "programme", "step", "customer_id", "occasion", "kind", "rule", "happened_at", "due_at", "expires_at", "state",
    "because", "values", "order_id", "ticket_id", "facts", "created_at",
)  # fmt: skip
#: A share of customers is picked by a walk over the residues of a prime.
_PRIME = 2_147_483_647
#: Gives COLUMNS.
Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """One step of a programme as it is planned: `rule` cites it; `language`: of customers who never said theirs."""

    programme: Programme
    step: int
    rule: str
    now: datetime
    language: str = "zh"

    @property
    def kind(self) -> FollowUpKind:
        is_call = self.programme.step[self.step - 1].do is Do.CALL
        return FollowUpKind.TASK if is_call else FollowUpKind(self.programme.kind.value)


def between(after: int, upto: int) -> ColumnElement[bool]:
    """Customers with an id above `after` and up to `upto`."""
    return and_(Customer.id > after, Customer.id <= upto)


def of_days(plan: Plan, days: Sequence[DayWide], who: ColumnElement[bool]) -> Statement:
    """Those among `who` whose zone, and birthday, is among `days`."""
    rows = [
        (
            day.zone,
            day.anniversary.calendar.value if day.anniversary else "",
            day.anniversary.day if day.anniversary else "",
            day.anniversary.leap_month if day.anniversary else False,
            day.day.isoformat(),
            day.due_at,
            day.expires_at,
        )
        for day in days
    ]
    names = (
        column("zone", String), column("calendar", String), column("birthday", String), column("leap", Boolean),
        column("occasion", String), column("due_at", UtcDateTime), column("expires_at", UtcDateTime),
    )  # fmt: skip
    found = values(*names, name="day").data(rows).cte("days")
    fits: ColumnElement[bool] = func.coalesce(Customer.timezone, "") == found.c.zone
    if any(day.anniversary for day in days):
        month_and_day = func.substr(Customer.birthday, func.length(Customer.birthday) - 4)
        fits = and_(
            fits,
            Customer.birthday.is_not(None),
            month_and_day == found.c.birthday,
            func.coalesce(cast(Customer.birthday_calendar, String), "gregorian") == found.c.calendar,
            Customer.birthday_leap_month == found.c.leap,
        )
    query = _statement(plan, found, null(), null(), literal({}, JsonColumn), found.c.due_at)
    # A day that was before the shop knew the customer sets nothing off.
    known = Customer.created_at <= found.c.due_at
    return query.join(found, fits).where(who, known)


def of_occurrences(plan: Plan, occurrences: Sequence[Occurrence]) -> Statement:
    """Those to whom something happened."""
    rows = [
        (
            one.happened.customer_id,
            one.happened.occasion,
            one.happened.since or one.happened.at,
            one.due_at,
            one.expires_at,
            one.happened.order_id,
            one.happened.ticket_id,
            one.happened.facts,
        )
        for one in occurrences
    ]
    names = (
        column("customer_id", BigInteger), column("occasion", String), column("happened_at", UtcDateTime),
        column("due_at", UtcDateTime), column("expires_at", UtcDateTime), column("order_id", BigInteger),
        column("ticket_id", BigInteger), column("facts", JsonColumn),
    )  # fmt: skip
    found = values(*names, name="one").data(rows).cte("occurrences")
    query = _statement(plan, found, found.c.order_id, found.c.ticket_id, found.c.facts, found.c.happened_at)
    return query.join(found, Customer.id == found.c.customer_id)


def _statement(plan: Plan, found: CTE, order_id: Any, ticket_id: Any, facts: Any, happened_at: Any) -> Statement:
    reason = _reason(plan, found.c.expires_at)
    state = case((reason.is_(None), FollowUpState.PLANNED.value), else_=FollowUpState.SKIPPED.value)
    return (
        select(
            literal(plan.programme.id, String).label("programme"),
            literal(plan.step, Integer).label("step"),
            Customer.id.label("customer_id"),
            found.c.occasion.label("occasion"),
            literal(plan.kind.value, String).label("kind"),
            literal(plan.rule, String).label("rule"),
            happened_at.label("happened_at"),
            found.c.due_at.label("due_at"),
            found.c.expires_at.label("expires_at"),
            state.label("state"),
            reason.label("because"),
            literal({}, JsonColumn).label("values"),
            cast(order_id, BigInteger).label("order_id"),
            cast(ticket_id, BigInteger).label("ticket_id"),
            facts.label("facts"),
            literal(plan.now, UtcDateTime).label("created_at"),
        )
        .select_from(Customer)
        .where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))
        .where(*_audience(plan.programme.audience, plan.language))
    )


def _audience(audience: Audience, language: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if audience.tiers:
        found.append(Customer.tier.in_(audience.tiers))
    if audience.stages:
        found.append(Customer.stage.in_(audience.stages))
    if audience.languages:
        found.append(func.substr(func.coalesce(Customer.language, language), 1, 2).in_(audience.languages))
    if audience.tags:
        written = cast(Customer.tags, String)
        tags = [json.dumps(tag, ensure_ascii=False) for tag in audience.tags]
        found.append(or_(*(written.contains(tag, autoescape=True) for tag in tags)))
    if audience.orders_at_least:
        count = select(func.count()).where(Order.customer_id == Customer.id).correlate(Customer).scalar_subquery()
        found.append(count >= audience.orders_at_least)
    return found


def _reason(plan: Plan, expires_at: ColumnElement[Any]) -> ColumnElement[Any]:
    """Why somebody will surely not get it; null: it is to be asked when it is due."""
    reasons: list[tuple[ColumnElement[bool], str]] = [
        (expires_at <= plan.now, Reason.EXPIRED.value),
        (Customer.sample.is_(True), Reason.SAMPLE.value),
    ]
    if plan.kind is not FollowUpKind.TASK:
        has_address = exists().where(ChannelIdentity.customer_id == Customer.id).correlate(Customer)
        reasons.append((~has_address, Reason.NO_CHANNEL.value))
    if plan.kind in (FollowUpKind.CARE, FollowUpKind.PROMOTION):
        reasons += _consents(plan.programme.kind)
    if plan.programme.holdout > 0:
        reasons.append((_lot(plan.programme.id) < literal(int(plan.programme.holdout * _PRIME), BigInteger),
                        Reason.HOLDOUT.value))  # fmt: skip
    return case(*((condition, literal(reason, String)) for condition, reason in reasons), else_=null())


def _consents(kind: ProgrammeKind) -> list[tuple[ColumnElement[bool], str]]:
    kinds = [ConsentKind.CARE] + ([ConsentKind.PROMOTION] if kind is ProgrammeKind.PROMOTION else [])
    standing = [_standing(one) for one in kinds]
    return [
        (or_(*(one.is_(False) for one in standing)), Reason.OPTED_OUT.value),
        (or_(*(one.is_(None) for one in standing)), Reason.NO_CONSENT.value),
    ]


def _standing(kind: ConsentKind) -> ColumnElement[Any]:
    """What holds, as `customers.consents` reads it: the customer's own word before a file's, then the newest."""
    return (
        select(Consent.given)
        .where(Consent.customer_id == Customer.id, Consent.kind == kind)
        .order_by(Consent.by_customer.desc(), Consent.id.desc())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )


def _lot(programme: str) -> ColumnElement[Any]:
    """A number from 0 to the prime that stays a customer's own, and that programmes draw apart."""
    factor, shift = _draw(programme)
    lot: ColumnElement[Any] = (Customer.id % _PRIME * factor + shift) % _PRIME
    return lot


def is_held_out(programme: Programme, customer_id: int) -> bool:
    """Whether the customer is kept out of the programme, for good."""
    factor, shift = _draw(programme.id)
    return (customer_id % _PRIME * factor + shift) % _PRIME < int(programme.holdout * _PRIME)


def _draw(programme: str) -> tuple[int, int]:
    digest = sha256(programme.encode()).digest()
    return int.from_bytes(digest[:4]) % (_PRIME - 1) + 1, int.from_bytes(digest[4:8]) % _PRIME
