"""Opening tickets and what customers do with theirs. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.database import LOCK, ReadSession
from core.errors import LimitExceeded
from customers import orders as order_service
from customers import service as customer_service
from customers.models import ChannelIdentity, Order
from staff.teams import find_team
from tickets import clocks, ending, repository, scoring, sla, snoozing, timeline
from tickets.facts import TicketFacts
from tickets.models import Ticket
from tickets.policy import Work
from tickets.recognition import recognise
from tickets.severity import Scored, score
from tickets.status import Move
from tickets.values import EventType, Severity, Source, Target, TicketKind, TicketStatus

_SUBJECT_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a ticket is opened with. `kind`, `category` None: read from the words.

    `order`: the shop's number of an order, if one was named. `identity_id`: the address it was written from.
    `dedupe_key` makes the same message count once. `separate`: never joins an open ticket, and no limit counts.
    """

    customer_id: int
    text: str
    kind: TicketKind | None = None
    category: str | None = None
    order: str | None = None
    identity_id: int | None = None
    source: Source = Source.CHAT
    attachments: Sequence[str] = ()
    dedupe_key: str | None = None
    separate: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The ticket that a complaint went to. `answer_by`: by when the customer hears from us; None without a clock.

    `joined`: it was open already. `severity`: as the rules rate it now.
    """

    ticket: Ticket
    answer_by: datetime | None
    joined: bool
    severity: Severity

    @property
    def number(self) -> int:
        return self.ticket.number


class TooManyTickets(LimitExceeded):
    """The customer has as many open tickets as one may have."""

    code = "too_many_tickets"


async def open_complaint(work: Work, said: Complaint) -> Opened:
    """Opens a ticket; a second message about the matter joins the one that is open.

    Raises:
        CustomerNotFound
        TooManyTickets
    """
    known = await timeline.was_recorded(work.session, said.dedupe_key) if said.dedupe_key else None
    if known is not None:
        return await _opened(work, await work.session.get_one(Ticket, known.ticket_id), joined=True)
    customer = await customer_service.lock_customer(work.session, said.customer_id)
    # Whoever came a moment earlier held the lock: look again.
    known = await timeline.was_recorded(work.session, said.dedupe_key) if said.dedupe_key else None
    if known is not None:
        return await _opened(work, await work.session.get_one(Ticket, known.ticket_id), joined=True)
    said = _recognised(work, replace(said, customer_id=customer.id))
    order = await order_service.find_order(work.session, said.order) if said.order else None
    if said.separate:
        return await _open(work, said, order)
    live = await repository.list_live(work.session, customer.id)
    same = _find_same(live, said, order)
    if same is not None:
        await add(work, same, said.text, attachments=said.attachments, dedupe_key=said.dedupe_key)
        return await _opened(work, same, joined=True)
    most = work.policy.rules.life.most_live
    if len(live) >= most:
        raise TooManyTickets(f"this customer has {most} open tickets; add to one of them", 60)
    return await _open(work, said, order)


def _recognised(work: Work, said: Complaint) -> Complaint:
    """Fills in what the words say of kind and category; of a severity they decide through the rules alone."""
    found = recognise(said.text, work.policy.rules)
    named = work.policy.rules.find_category(said.category)
    kind = said.kind or (named.kind if named else found.kind)
    category = said.category or (found.category if kind is found.kind else None)
    return replace(said, kind=kind, category=category)


def _find_same(live: Sequence[Ticket], said: Complaint, order: Order | None) -> Ticket | None:
    """The one about the matter: the same kind, and not plainly another order."""
    for ticket in live:
        same_order = ticket.order_id is None or order is None or ticket.order_id == order.id
        if ticket.kind is said.kind and same_order:
            return ticket
    return None


async def _open(work: Work, said: Complaint, order: Order | None) -> Opened:
    assert said.kind is not None
    ticket = await _new(work, said, order)
    facts = await scoring.gather(work.session, work.policy, ticket, work.now)
    scored = score(facts, work.policy.rules)
    ticket.severity, ticket.priority = scored.severity, scored.severity.priority
    _record_opening(work, ticket, said, facts, scored)
    if facts.often and said.kind is TicketKind.COMPLAINT:
        data = {"days": work.policy.rules.life.claims_days, "for": "supervisor"}
        timeline.record(work, ticket, EventType.FLAGGED, text="often", data=data)
    if said.kind.has_clock:
        rule = sla.choose(facts, ticket.severity, work.policy.rules)
        await clocks.start(work, ticket, rule, Target.FIRST_RESPONSE, Target.RESOLUTION)
    await work.session.flush()
    return await _opened(work, ticket, joined=False)


async def _new(work: Work, said: Complaint, order: Order | None) -> Ticket:
    category = work.policy.rules.find_category(said.category)
    team = await find_team(work.session, category.team) if category and category.team else None
    ticket = Ticket(
        kind=said.kind,
        status=TicketStatus.NEW,
        severity=Severity.LOW,
        priority=Severity.LOW.priority,
        category=said.category,
        subject=_subject(said.text),
        customer_id=said.customer_id,
        identity_id=said.identity_id,
        order_id=order.id if order else None,
        order_verified=await _is_theirs(work, said, order),
        words=list(recognise(said.text, work.policy.rules).words),
        source=said.source,
        team_id=team.id if team else None,
        tags=[],
        opened_at=work.now,
        status_at=work.now,
        spoke_at=work.now,
        waiting_since=work.now,
        updated_at=work.now,
    )
    work.session.add(ticket)
    await work.session.flush()
    return ticket


async def _is_theirs(work: Work, said: Complaint, order: Order | None) -> bool:
    """The order is the customer's own for certain: in their name, and they have proven who they are."""
    if order is None or order.customer_id != said.customer_id:
        return False
    if said.identity_id is None:
        return True
    identity = await work.session.get_one(ChannelIdentity, said.identity_id)
    return identity.verified


def _record_opening(work: Work, ticket: Ticket, said: Complaint, facts: TicketFacts, scored: Scored) -> None:
    data = {
        "facts": facts.model_dump(mode="json"),
        "severity": scored.severity.value,
        "attachments": list(said.attachments),
    }
    timeline.record(
        work, ticket, EventType.OPENED, text=said.text, rule=scored.rule, reasons=scored.reasons, data=data,
        dedupe_key=said.dedupe_key,
    )  # fmt: skip


def _subject(text: str) -> str:
    """The first line, as a title."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= _SUBJECT_LENGTH else line[: _SUBJECT_LENGTH - 1] + "…"


async def _opened(work: Work, ticket: Ticket, *, joined: bool) -> Opened:
    return Opened(ticket, await answer_by(work.session, ticket), joined, ticket.severity)


async def answer_by(session: ReadSession, ticket: Ticket) -> datetime | None:
    """By when the customer hears from us: the earliest open promise of an answer, else of an end; as last told."""
    rows = (await repository.list_clocks(session, [ticket.id]))[ticket.id]
    running = {target: row.told_at or row.due_at for target, row in rows.items() if row.since and row.due_at}
    answers = [due for target, due in running.items() if target is not Target.RESOLUTION]
    return min(answers, default=running.get(Target.RESOLUTION))


async def add(
    work: Work,
    ticket: Ticket,
    text: str,
    *,
    attachments: Sequence[str] = (),
    dedupe_key: str | None = None,
    reopens: bool = False,
) -> Ticket:
    """The customer says more; returns the ticket that it went to.

    It is rated anew. `reopens`: it is not solved after all; too long after the end that opens a linked ticket.

    Raises:
        IllegalMove: it is closed, and nothing was said of reopening it.
    """
    if dedupe_key and await timeline.was_recorded(work.session, dedupe_key):
        return ticket
    await work.session.refresh(ticket, with_for_update=LOCK)
    if reopens and not ticket.status.is_live:
        if not may_reopen(work, ticket):
            return await _follow(work, ticket, text)
        await ending.reopen(work, ticket)
    was_paused = ticket.status.is_paused
    ending.move(work, ticket, Move.SAID)
    record = {"attachments": list(attachments)}
    timeline.record(work, ticket, EventType.SAID, text=text, data=record, dedupe_key=dedupe_key)
    ticket.words = sorted({*ticket.words, *recognise(text, work.policy.rules).words})
    ticket.spoke_at, ticket.silence_warned_at = work.now, None
    snoozing.wake(work, ticket)
    if was_paused and not ticket.status.is_paused:
        await clocks.resume(work, ticket)
    await scoring.rate(work, ticket)
    await _promise_an_answer(work, ticket)
    await work.session.flush()
    return ticket


async def _promise_an_answer(work: Work, ticket: Ticket) -> None:
    """The first word since our last answer starts the clock of the next one."""
    is_first = ticket.waiting_since is None
    ticket.waiting_since = ticket.waiting_since or work.now
    if is_first and ticket.kind.has_clock and ticket.status.is_live:
        facts = await scoring.gather(work.session, work.policy, ticket, work.now)
        await clocks.start(work, ticket, sla.choose(facts, ticket.severity, work.policy.rules), Target.NEXT_RESPONSE)


def may_reopen(work: Work, ticket: Ticket) -> bool:
    """Within the rules' days after its end; what was merged goes on elsewhere."""
    ended = ticket.resolved_at or ticket.closed_at or ticket.status_at
    return work.now - ended <= timedelta(days=work.policy.rules.life.reopen_days) and ticket.merged_into_id is None


async def _follow(work: Work, ticket: Ticket, text: str) -> Ticket:
    """A new ticket, linked with the old one, goes on with the matter."""
    said = Complaint(
        customer_id=ticket.customer_id, text=text, kind=ticket.kind, category=ticket.category,
        identity_id=ticket.identity_id, source=ticket.source, separate=True,
    )  # fmt: skip
    opened = await open_complaint(work, said)
    await ending.link(work, opened.ticket, ticket)
    return opened.ticket


async def withdraw(work: Work, ticket: Ticket, text: str | None = None) -> Ticket:
    """The customer takes the complaint back. Raises IllegalMove."""
    return await ending.withdraw(work, ticket, text)
