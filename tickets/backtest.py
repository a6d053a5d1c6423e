"""What other rules would have made of the tickets of the last days: their stored facts, replayed. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import ReadSession
from tickets import sla
from tickets.compensation import options
from tickets.facts import TicketFacts
from tickets.models import FIRST_NUMBER, TicketEvent
from tickets.rules import TicketRules
from tickets.severity import score
from tickets.values import EventType, Target

_RATED = (EventType.OPENED, EventType.SCORED)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would be otherwise for one ticket. `what`: severity, a promise, or a kind of compensation."""

    ticket: int
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Replayed:
    examined: int
    changes: list[Change]


async def replay(
    session: ReadSession, old: TicketRules, new: TicketRules, currency: str, now: datetime, days: int
) -> Replayed:
    """Each time that a ticket was rated within the last `days`, its last time counting."""
    query = (
        select(TicketEvent.ticket_id, TicketEvent.data)
        .where(TicketEvent.type.in_(_RATED), TicketEvent.at >= now - timedelta(days=days))
        .order_by(TicketEvent.id)
    )
    rows = (await session.execute(query)).all()
    rated = {ticket: TicketFacts.model_validate(data["facts"]) for ticket, data in rows if "facts" in data}
    changes = [
        Change(ticket + FIRST_NUMBER - 1, what, before, after)
        for ticket, facts in rated.items()
        for what, before, after in compare(facts, old, new, currency)
    ]
    return Replayed(len(rated), changes)


def compare(facts: TicketFacts, old: TicketRules, new: TicketRules, currency: str) -> Iterator[tuple[str, str, str]]:
    """Pure: what differs for one ticket, as (what, before, after)."""
    before, after = _decided(facts, old, currency), _decided(facts, new, currency)
    for what in dict.fromkeys([*before, *after]):
        if before.get(what, "-") != after.get(what, "-"):
            yield what, before.get(what, "-"), after.get(what, "-")


def _decided(facts: TicketFacts, rules: TicketRules, currency: str) -> dict[str, str]:
    """Severity, promises and money, as people read them."""
    severity = score(facts, rules).severity
    decided = {"severity": severity.value}
    if facts.kind.has_clock:
        rule = sla.choose(facts, severity, rules)
        for target in Target:
            promise = rule.promise(target)
            decided[target.value] = f"{_span(promise.within)} ({promise.count.value})" if promise else "-"
    for option in options(facts, rules, currency):
        how = "automatic" if option.automatic else "by a person"
        decided[option.kind.value] = f"{option.money} ({how})"
    return decided


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
