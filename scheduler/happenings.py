"""What happened to customers within a time, read from orders, tickets, segments, silence, consents and posted events.

What an import brought sets nothing off that lies before it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from core.database import ReadSession
from customers.models import ChannelIdentity, Consent, Customer, Order
from customers.segment_models import SegmentMove
from customers.segments import TIERS
from customers.values import ConsentKind, OrderStatus, Tier
from scheduler.changes import Changes
from scheduler.models import FollowUp, PostedEvent
from scheduler.occurrences import Happened, Span
from scheduler.programme_rules import OnDateField, OnEvent, OnOrder, OnSegment, OnSilence, OnTicket, Programme
from scheduler.values import FollowUpState
from tickets.models import FIRST_NUMBER, Ticket

#: A customer's zone by name -> the zone; the shop's for None and for a name that is none.
ZoneOf = Callable[[str | None], ZoneInfo]
Query = Select[*tuple[Any, ...]]
_SENT = (FollowUpState.SENT, FollowUpState.ANSWERED)
_NOT_BOUGHT = (OrderStatus.CANCELLED, OrderStatus.RETURNED)
_MONTH = timedelta(days=30)


async def happenings(
    session: ReadSession, programme: Programme, span: Span, zone_of: ZoneOf, changes: Changes | None = None
) -> list[Happened]:
    """What the trigger of `programme` waits for, as far as it happened within `span`; with `changes` the news of it."""
    query = _QUERIES[type(programme.trigger)](programme.trigger, span)
    if changes is not None:
        query = query.where(_is_news(programme, changes))
    rows = (await session.execute(query)).all()
    return [one for row in rows for one in _READERS[type(programme.trigger)](programme.trigger, row, zone_of)]


async def sendings(session: ReadSession, programme: Programme, step: int, span: Span) -> list[Happened]:
    """The sendings of step `step` of `programme` within `span`: what the next step counts from."""
    query = (
        select(FollowUp, Customer.timezone)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .where(FollowUp.programme == programme.id, FollowUp.step == step, FollowUp.state.in_(_SENT))
        .where(FollowUp.sent_at >= span.start, FollowUp.sent_at < span.end)
    )
    return [
        Happened(
            customer_id=row.customer_id,
            occasion=row.occasion,
            at=row.sent_at or row.due_at,
            zone=zone,
            since=row.happened_at,
            order_id=row.order_id,
            ticket_id=row.ticket_id,
            facts=row.facts,
        )
        for row, zone in (await session.execute(query)).all()
    ]


def most_days(programme: Programme) -> int:
    """The longest time from what happens to the day on which it is due."""
    trigger = programme.trigger
    more = trigger.by_category.values() if isinstance(trigger, OnOrder) else ()
    return max(programme.days, *more, 0)


def _is_news(programme: Programme, changes: Changes) -> ColumnElement[bool]:
    """What was written down lately, or happened to one of those customers. Silence is news by passing alone."""
    written = _WRITTEN.get(type(programme.trigger))
    is_theirs = Customer.id.in_(changes.customers)
    return is_theirs if written is None else or_(written >= changes.since, is_theirs)


def _within(column: Any, span: Span) -> tuple[ColumnElement[bool], ...]:
    return column >= span.start, column < span.end


def _orders(trigger: OnOrder, span: Span) -> Query:
    """By the order's own time; of a status without one, by the last change."""
    times: dict[OrderStatus, Any] = {
        OrderStatus.PLACED: Order.placed_at,
        OrderStatus.AWAITING_PAYMENT: Order.placed_at,
        OrderStatus.DELIVERED: Order.delivered_at,
    }
    at = times.get(trigger.status, Order.updated_at)
    is_so = Order.status.not_in(_NOT_BOUGHT) if trigger.status is OrderStatus.PLACED else Order.status == trigger.status
    is_news = at > Order.created_at
    return (
        select(Order.id, Order.external_id, Order.customer_id, Order.category, at.label("at"), Customer.timezone)
        .join(Customer, Customer.id == Order.customer_id)
        .where(is_so, or_(Order.imported.is_(False), is_news), *_within(at, span))
    )


def _read_order(trigger: OnOrder, row: Any, _zone_of: ZoneOf) -> Iterator[Happened]:
    days = trigger.by_category.get(row.category or "")
    yield Happened(row.customer_id, f"order:{row.external_id}", row.at, row.timezone, days=days, order_id=row.id)


def _tickets(trigger: OnTicket, span: Span) -> Query:
    return (
        select(Ticket.id, Ticket.customer_id, Ticket.status_at, Customer.timezone)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(Ticket.status == trigger.status, Ticket.kind.in_(trigger.kinds), Ticket.merged_into_id.is_(None))
        .where(*_within(Ticket.status_at, span))
    )


def _read_ticket(_trigger: OnTicket, row: Any, _zone_of: ZoneOf) -> Iterator[Happened]:
    number = row.id + FIRST_NUMBER - 1
    yield Happened(row.customer_id, f"ticket:{number}", row.status_at, row.timezone, ticket_id=row.id)


def _moves(trigger: OnSegment, span: Span) -> Query:
    """Moves into a place in which the customer still is."""
    is_there = (
        (SegmentMove.what == "tier") & (SegmentMove.after == Customer.tier) & Customer.tier.in_(trigger.tiers)
        if trigger.tiers
        else (SegmentMove.what == "stage") & (SegmentMove.after == Customer.stage) & Customer.stage.in_(trigger.stages)
    )
    return (
        select(SegmentMove.customer_id, SegmentMove.before, SegmentMove.after, SegmentMove.at, Customer.timezone)
        .join(Customer, Customer.id == SegmentMove.customer_id)
        .where(is_there, *_within(SegmentMove.at, span))
    )


def _read_move(trigger: OnSegment, row: Any, zone_of: ZoneOf) -> Iterator[Happened]:
    if trigger.up and not _is_up(row.before, row.after):
        return
    facts = {"tier": row.after} if trigger.tiers else {}
    yield Happened(row.customer_id, _local_date(row, row.at, zone_of), row.at, row.timezone, facts=facts)


def _is_up(before: str | None, after: str) -> bool:
    return before is None or TIERS.index(Tier(after)) < TIERS.index(Tier(before))


def _silence(trigger: OnSilence, span: Span) -> Query:
    """Customers whose last order or word lies so many months before `span`, and none after that."""
    start, end = (instant - _MONTH * trigger.months for instant in (span.start, span.end))
    said = select(ChannelIdentity.customer_id, ChannelIdentity.last_seen_at.label("at"))
    bought = select(Order.customer_id, Order.placed_at.label("at")).where(Order.placed_at >= start)
    contacts = union_all(said.where(ChannelIdentity.last_seen_at >= start), bought).subquery()
    last = func.max(contacts.c.at, type_=contacts.c.at.type)
    return (
        select(contacts.c.customer_id, last.label("at"), Customer.timezone)
        .join(Customer, Customer.id == contacts.c.customer_id)
        .group_by(contacts.c.customer_id, Customer.timezone)
        .having(last >= start, last < end)
    )


def _read_silence(trigger: OnSilence, row: Any, zone_of: ZoneOf) -> Iterator[Happened]:
    at = row.at + _MONTH * trigger.months
    yield Happened(row.customer_id, _local_date(row, at, zone_of), at, row.timezone)


def _joined(_trigger: OnDateField, span: Span) -> Query:
    """The first yes that the customer gave in their own words."""
    earlier = aliased(Consent)
    before = exists().where(
        earlier.customer_id == Consent.customer_id, earlier.kind == Consent.kind, earlier.given, earlier.id < Consent.id
    )
    return (
        select(Consent.customer_id, Consent.at, Customer.timezone)
        .join(Customer, Customer.id == Consent.customer_id)
        .where(Consent.kind == ConsentKind.CARE, Consent.given, Consent.by_customer, ~before)
        .where(*_within(Consent.at, span))
    )


def _read_joined(_trigger: OnDateField, row: Any, zone_of: ZoneOf) -> Iterator[Happened]:
    yield Happened(row.customer_id, _local_date(row, row.at, zone_of), row.at, row.timezone)


def _events(trigger: OnEvent, span: Span) -> Query:
    return (
        select(PostedEvent.external_id, PostedEvent.customer_id, PostedEvent.at, PostedEvent.data, Customer.timezone)
        .join(Customer, Customer.id == PostedEvent.customer_id)
        .where(PostedEvent.kind == trigger.kind, *_within(PostedEvent.at, span))
    )


def _read_event(_trigger: OnEvent, row: Any, _zone_of: ZoneOf) -> Iterator[Happened]:
    facts = {name: str(value) for name, value in row.data.items()}
    yield Happened(row.customer_id, f"event:{row.external_id}", row.at, row.timezone, facts=facts)


def _local_date(row: Any, at: datetime, zone_of: ZoneOf) -> str:
    return at.astimezone(zone_of(row.timezone)).date().isoformat()


_QUERIES: Mapping[type[Any], Callable[[Any, Span], Query]] = {
    OnOrder: _orders,
    OnTicket: _tickets,
    OnSegment: _moves,
    OnSilence: _silence,
    OnDateField: _joined,
    OnEvent: _events,
}
#: When each kind of thing was written down.
_WRITTEN: Mapping[type[Any], Any] = {
    OnOrder: Order.updated_at,
    OnTicket: Ticket.status_at,
    OnSegment: SegmentMove.at,
    OnDateField: Consent.recorded_at,
    OnEvent: PostedEvent.received_at,
}
_READERS: Mapping[type[Any], Callable[[Any, Any, ZoneOf], Iterator[Happened]]] = {
    OnOrder: _read_order,
    OnTicket: _read_ticket,
    OnSegment: _read_move,
    OnSilence: _read_silence,
    OnDateField: _read_joined,
    OnEvent: _read_event,
}
