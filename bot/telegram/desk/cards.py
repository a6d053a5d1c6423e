"""A case's card, title and line in a list, in words. Pure: (card, drafts, wording) -> text and buttons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.telegram.desk.wording import Wording
from conversations.desk.cards import Card, Person
from conversations.desk.drafts import Draft
from conversations.values import Button
from core.money import Money
from customers.values import Tier
from tickets.compensation import Option
from tickets.models import Ticket
from tickets.offers import Offered
from tickets.policy import Policy
from tickets.values import Severity, TicketStatus

_DOTS = {Severity.LOW: "⚪", Severity.NORMAL: "🟡", Severity.HIGH: "🟠", Severity.CRITICAL: "🔴"}
_WAITS = "⏸"
_OVER = "✅"
_LONGEST_ASKED = 600
_LONGEST_LABEL = 28
_LONGEST_TITLE = 128


@dataclass(frozen=True, slots=True)
class Line:
    """A case in one line: title, board, lists. `topic`: its category, or its kind. `name`: whose it is."""

    number: int
    severity: Severity
    status: TicketStatus
    due_at: datetime | None
    name: str | None
    topic: str

    @property
    def dot(self) -> str:
        if self.status.is_paused:
            return _WAITS
        return _DOTS[self.severity] if self.status.is_live else _OVER


def line_of(ticket: Ticket, due_at: datetime | None, name: str | None, policy: Policy, wording: Wording) -> Line:
    topic = policy.category_name(ticket.category, wording.language) or wording.say(f"kind.{ticket.kind.value}")
    return Line(ticket.number, ticket.severity, ticket.status, due_at, name, topic)


def line_text(line: Line, wording: Wording, now: datetime) -> str:
    """`🔴17:30 #1042 李 · 破损`: absolute times, which do not grow stale."""
    due = wording.when(line.due_at, now) if line.due_at is not None and line.status.is_live else ""
    name = line.name or wording.say("card.nobody")
    slots = {"dot": line.dot, "due": due, "number": line.number, "name": name, "topic": line.topic}
    return wording.say("board.line", **slots)[:_LONGEST_TITLE]


def card_text(card: Card, line: Line, wording: Wording, policy: Policy, now: datetime, *, again: bool = False) -> str:
    parts = [*([wording.say("card.again")] if again else []), *_lines(card, line, wording, policy, now)]
    return "\n".join(parts)


def _lines(card: Card, line: Line, wording: Wording, policy: Policy, now: datetime) -> Iterator[str]:
    say, ticket = wording.say, card.ticket
    yield (
        "**"
        + say(
            "card.head",
            number=ticket.number,
            kind=say(f"kind.{ticket.kind.value}"),
            topic=line.topic,
            severity=say(f"severity.{ticket.severity.value}"),
            status=say(f"status.{ticket.status.value}"),
        )
        + "**"
    )
    if card.due_at is not None:
        yield say("card.due", at=wording.when(card.due_at, now))
    yield say("card.assignee", name=line.name or say("card.nobody"))
    if card.team:
        yield say("card.team", name=card.team)
    if card.helpers:
        yield say("card.helpers", names=", ".join(card.helpers))
    yield from _waits(card, wording, now)
    yield from _customer(card.customer, wording, now)
    if card.order is not None:
        yield say("card.order", order=card.order.order, status=card.order.status.value)
    yield say("card.asked", text=_short(card.asked, _LONGEST_ASKED))
    if card.because:
        yield say("card.because", text="; ".join(reason.text(wording.language) for reason in card.because))
    yield from _promises(card, wording, now)
    if card.shown:
        yield say("card.shown", articles=", ".join(f"{one.article} v{one.version}" for one in card.shown))
    yield from _money(card, line, wording, policy)
    if card.earlier:
        yield say("card.earlier", tickets=" ".join(f"#{one.number}" for one in card.earlier))


def _waits(card: Card, wording: Wording, now: datetime) -> Iterator[str]:
    ticket = card.ticket
    if ticket.snoozed_until is not None and ticket.snoozed_until > now:
        yield wording.say("card.snoozed", until=wording.when(ticket.snoozed_until, now))
    if ticket.waiting_for and ticket.status is TicketStatus.ON_HOLD:
        yield wording.say("card.waiting_for", name=ticket.waiting_for)


def _customer(person: Person, wording: Wording, now: datetime) -> Iterator[str]:
    say = wording.say
    names = [one for one in (person.form_of_address, person.name) if one] or [say("card.visitor")]
    language = wording.find(f"language.{person.language}") if person.language else None
    tier = say(f"tier.{person.tier.value}") if person.tier is not Tier.STANDARD else None
    facts = [
        " / ".join(dict.fromkeys(names)),
        tier,
        language,
        say("card.local", at=f"{person.local:%H:%M}"),
        None if person.verified else say("card.not_proven"),
    ]
    yield say("card.customer", facts=" · ".join(fact for fact in facts if fact))
    contact = [one for one in (person.phone, person.email) if one]
    if contact:
        yield say("card.contact", facts=" · ".join(contact))
    if person.needs:
        yield say("card.needs", text=person.needs)
    for wish in person.wishes:
        yield say("card.wish", text=_short(wish, 200))
    if person.blocked_until is not None:
        yield say("card.blocked", until=wording.when(person.blocked_until, now))


def _promises(card: Card, wording: Wording, now: datetime) -> Iterator[str]:
    for promise in card.promises:
        at = wording.when(promise.at, now)
        if promise.words is None:
            yield wording.say("card.told", at=at)
        else:
            yield wording.say("card.promise", at=at, by=promise.by or "", words=promise.words)


def _money(card: Card, line: Line, wording: Wording, policy: Policy) -> Iterator[str]:
    if card.ticket.status.is_live and card.offer.options:
        options = ", ".join(option_text(option, wording) for option in card.offer.options)
        yield wording.say("card.allowed", options=options)
        name = line.name or wording.say("card.anybody")
        yield wording.say("card.limit", name=name, **limit_slots(card.offer, policy))
    if card.given:
        grants = ", ".join(
            f"{wording.say(f'grant.{one.kind.value}')} {Money(one.amount_minor, one.currency)}"
            f" ({wording.say(f'talk.state_{one.state.value}')})"
            for one in card.given
        )
        yield wording.say("card.given", grants=grants)


def limit_slots(offered: Offered, policy: Policy) -> dict[str, Money]:
    """The limit of whoever looks, and what the month's budget has left, in the shop's currency."""
    currency = policy.currency
    left = next((rest.left_minor for rest in offered.budgets if rest.currency == currency), 0)
    return {"limit": Money(offered.limits.get(currency, 0), currency), "left": Money(left, currency)}


def option_text(option: Option, wording: Wording) -> str:
    kind = wording.say(f"grant.{option.kind.value}")
    amount = f" {option.money}" if option.money.amount_minor else ""
    return f"{kind}{amount}"


def card_buttons(card: Card, drafts: Sequence[Draft], wording: Wording) -> tuple[Button, ...]:
    """What one tap does. Nothing once the case has ended."""
    ticket = card.ticket
    if not ticket.status.is_live:
        return ()
    buttons = [Button(id=f"draft:{n.article}", label=_draft_label(n, wording)) for n in drafts if _fits(n)]
    if card.assignee is None:
        buttons.insert(0, Button(id="take", label=wording.say("button.take")))
    if card.offer.options:
        buttons.append(Button(id="offer", label=wording.say("button.offer")))
    if card.customer.phone or card.customer.email:
        buttons.append(Button(id="contact", label=wording.say("button.contact")))
    if card.shown:
        buttons.append(Button(id="wrong", label=wording.say("button.wrong")))
    return (*buttons, Button(id="block", label=wording.say("button.block")))


def _fits(draft: Draft) -> bool:
    """A press carries at most 64 bytes."""
    return len(f"b|draft:{draft.article}".encode()) <= 64


def _draft_label(draft: Draft, wording: Wording) -> str:
    return wording.say("button.draft", title=_short(draft.question, _LONGEST_LABEL))


def _short(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
