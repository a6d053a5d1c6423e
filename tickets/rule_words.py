"""Rules of tickets and opening hours read out in words, so that whoever wrote them sees what they say. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from tickets.calendars import CalendarRules
from tickets.rules import Amounts, Offer, Promise, SlaRule, TicketRules
from tickets.values import Count, Target

_COUNTS = {Count.OPEN: "of opening hours", Count.OPEN_DAYS: "on open days", Count.ALWAYS: "round the clock"}
_TARGETS = {
    Target.FIRST_RESPONSE: "first answer",
    Target.NEXT_RESPONSE: "each later answer",
    Target.RESOLUTION: "solved or dated",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def describe_tickets(rules: TicketRules) -> Iterator[str]:
    """What is promised, what is given, and within which limits, in the first currency of an agent's limit."""
    currency = next(iter(rules.limits.agent), "CNY")
    for promise in rules.sla:
        yield f"promise {promise.id}: {_promises(promise)}"
    for rule in rules.compensation:
        how = "offered by itself" if rule.automatic else "given by people"
        yield f"give {rule.id}: {_offer(rule.offer, currency)}, {how}"
    limits = rules.limits
    shown = {"by itself": limits.automatic, "an agent": limits.agent, "a supervisor": limits.supervisor}
    yield "without asking: " + ", ".join(f"{who} up to {_amount(of, currency)}" for who, of in shown.items())
    ticket, customer = _amount(limits.per_ticket, currency), _amount(limits.per_customer, currency)
    yield f"at most: {ticket} a ticket, {customer} a customer"
    life = rules.life
    yield (
        f"silence: a warning after {life.silence_warn_days} days, closed after {life.silence_close_days};"
        f" it can be opened again for {life.reopen_days} days"
    )


def _promises(rule: SlaRule) -> str:
    promised = [(target, rule.promise(target)) for target in Target]
    return ", ".join(f"{_TARGETS[target]} within {_span(found)}" for target, found in promised if found) or "nothing"


def _span(promise: Promise) -> str:
    minutes = int(promise.within / timedelta(minutes=1))
    length = f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{length} {_COUNTS[promise.count]}"


def _offer(offer: Offer, currency: str) -> str:
    valid = f", good for {offer.valid_days} days" if offer.valid_days else ""
    if offer.percent is not None:
        most = f", {_amount(offer.at_most, currency)} at most" if offer.at_most else ""
        return f"{offer.kind.value} of {offer.percent.normalize():f} % of the order{most}{valid}"
    amounts = offer.amount or {}
    return f"{offer.kind.value} {_amount(amounts, 'PTS' if 'PTS' in amounts else currency)}{valid}".strip()


def _amount(amounts: Amounts, currency: str) -> str:
    found: Decimal | None = amounts.get(currency)
    return f"{found.normalize():f} {currency}" if found is not None else f"nothing in {currency}" if amounts else ""


def describe_calendars(rules: CalendarRules) -> Iterator[str]:
    """When each calendar is open."""
    for calendar in rules.calendar:
        week = [f"{day} {' '.join(getattr(calendar, day)) or 'closed'}" for day in _DAYS]
        holidays = f"; closed on the public holidays of {calendar.holidays}" if calendar.holidays else ""
        own = "".join(f"; {day} {' '.join(times) or 'closed'}" for day, times in sorted(calendar.dates.items()))
        usual = " (for everybody without another one)" if calendar.id == rules.default else ""
        yield f"hours {calendar.id}{usual}: {', '.join(week)}{holidays}{own}"
