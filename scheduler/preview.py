"""Who would get what and when, and who would not and why: the planner's own derivation, read and not written.

Candidates come from the same statements as those that the planner inserts; each is then asked about by the same policy,
in the order in which they fall due, as if every earlier one had gone out. What cannot be known ahead (an open
complaint, a colleague in the conversation, a closed page) is taken as it is now; a programme's pace is left out.
"""

import heapq
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from conversations.contact_facts import Person, Told, read_people
from conversations.contact_policy import Address, Contact, Decision, Recipient, Verdict, Wanted, may_send
from conversations.contact_rules import CONTACT, ContactRules, Reason
from conversations.values import MessageKind
from core.database import Database, ReadSession
from core.errors import InvalidInput
from customers.models import Customer
from scheduler import candidates
from scheduler.candidates import Plan, Statement
from scheduler.models import FollowUp, ProgrammeState
from scheduler.occasions import local_instant
from scheduler.occurrences import Happened, Occurrence, Span, day_wide, is_day_wide, occurs
from scheduler.planner import Office, occurrences_within, zones_of
from scheduler.programme_rules import Programme, ProgrammeRules
from scheduler.step_rules import Do
from scheduler.values import FollowUpKind, FollowUpState

LONGEST = timedelta(days=31)
#: Customers, and occurrences, that are looked at together.
_IDS, _ROWS = 5_000, 200
#: As far as the lunar calendar reaches, with room for offsets.
_FIRST_DAY, _LAST_DAY = date(1902, 1, 1), date(2098, 12, 31)
#: What has no end that could be foreseen.
_OPEN_ENDED = (Reason.UNREACHABLE, Reason.HOLD, Reason.OPEN_COMPLAINT, Reason.WITH_PERSON)
#: More looks than any waiting takes: a month of caps.
_LOOKS = 100


class PreviewTooLong(InvalidInput):
    code = "preview_too_long"


def span_of_days(office: Office, start: date, end: date) -> Span:
    """From the first day to the end of the last one, in the shop's zone.

    Raises:
        PreviewTooLong
        InvalidInput: the wrong way round, or beyond the calendars.
    """
    if end < start:
        raise InvalidInput("the last day lies before the first", {"to": "is before `from`"})
    if end - start >= LONGEST:
        raise PreviewTooLong(f"a preview covers {LONGEST.days} days at most", {"to": "is too late"})
    if not _FIRST_DAY <= start <= end <= _LAST_DAY:
        raise InvalidInput("the calendars reach from 1902 to 2098", {"from": "is out of reach"})
    zone = office.zone
    return Span(local_instant(start, time(), zone), local_instant(end + timedelta(days=1), time(), zone))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is previewed. `programme`, `customer_id`: of these alone; the programme as if it were on.

    `rules`, `contact`: other rules than those that hold.
    """

    span: Span
    programme: str | None = None
    customer_id: int | None = None
    rules: ProgrammeRules | None = None
    contact: ContactRules | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One follow-up that would be sent (`due_at` is when, after all that holds it up) or skipped."""

    programme: Programme
    step: int
    rule: str
    customer_id: int
    occasion: str
    due_at: datetime
    expires_at: datetime
    is_sent: bool
    because: Reason
    decided_by: str
    values: dict[str, str]
    order_id: int | None = None
    ticket_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    happened_at: datetime | None = None

    @property
    def kind(self) -> FollowUpKind:
        is_call = self.programme.step[self.step - 1].do is Do.CALL
        return FollowUpKind.TASK if is_call else FollowUpKind(self.programme.kind.value)


@dataclass(frozen=True, slots=True)
class Preview:
    """In the order in which they are due."""

    rows: list[Row]
    contact: ContactRules

    def first(self, most: int) -> list[Row]:
        """The first of those that would be sent."""
        return [row for row in self.rows if row.is_sent][:most]

    def counts(self) -> tuple[int, dict[str, int]]:
        """How many would be sent, and how many skipped for which reason."""
        skipped = Counter(row.because.value for row in self.rows if not row.is_sent)
        return sum(row.is_sent for row in self.rows), dict(sorted(skipped.items()))


@dataclass(frozen=True, slots=True)
class _Running:
    """A programme that is looked at; `since` None: it is off, and only told so."""

    programme: Programme
    rule: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    of: _Running
    step: int
    row: Any


async def preview(database: Database, office: Office, asked: Asked, now: datetime) -> Preview:
    """Touches nothing."""
    async with database.read() as session:
        running = await _running(session, office, asked, now)
        contact = asked.contact or (await office.rulebook.current(session, CONTACT)).rules
    rows: list[Row] = []
    async for part in _parts(database, office, running, asked, now):
        async with database.read() as session:
            rows += await _decide(session, office, part, contact, asked.span, now)
    rows.sort(key=lambda row: (row.due_at, row.programme.priority, row.customer_id, row.programme.id))
    return Preview(rows, contact)


async def _running(session: ReadSession, office: Office, asked: Asked, now: datetime) -> list[_Running]:
    edition = await office.programmes(session)
    rules = asked.rules or edition.rules
    states = {state.id: state for state in await session.scalars(select(ProgrammeState))}
    found = []
    for programme in rules.programme:
        if asked.programme not in (None, programme.id):
            continue
        state = states.get(programme.id)
        is_on = state is not None and state.enabled
        since = (state.since if state and is_on else now) if is_on or asked.programme else None
        found.append(_Running(programme, edition.name_of(programme.id), since))
    return found


async def _parts(
    database: Database, office: Office, running: Sequence[_Running], asked: Asked, now: datetime
) -> AsyncIterator[list[_Candidate]]:
    """The candidates of a range of customers at a time: all that concerns one customer lies in one part."""
    async with database.read() as session:
        happened = {one.rule: await _happened(session, office, one, asked, now) for one in running}
        zones = await zones_of(session, office)
        first, last = await _range(session, asked)
    for after in range(first, last, _IDS):
        upto = min(after + _IDS, last)
        part: list[_Candidate] = []
        async with database.read() as session:
            for one in running:
                for step, statement in _statements(office, one, happened[one.rule], zones, asked, now, after, upto):
                    part += [_Candidate(one, step, row) for row in (await session.execute(statement)).all()]
        if part:
            yield part


async def _range(session: ReadSession, asked: Asked) -> tuple[int, int]:
    if asked.customer_id is not None:
        return asked.customer_id - 1, asked.customer_id
    return 0, await session.scalar(select(func.max(Customer.id))) or 0


async def _happened(
    session: ReadSession, office: Office, one: _Running, asked: Asked, now: datetime
) -> list[tuple[int, Occurrence]]:
    span = _span_of(one, asked, now)
    first = 2 if is_day_wide(one.programme) else 1
    return [
        (step, occurrence)
        for step in range(first, len(one.programme.step) + 1)
        for occurrence in await occurrences_within(session, office, one.programme, step, span)
    ]


def _span_of(one: _Running, asked: Asked, now: datetime) -> Span:
    """What was due before a programme was enabled does not count."""
    return Span(max(asked.span.start, one.since or now), asked.span.end)


def _statements(
    office: Office,
    one: _Running,
    happened: Sequence[tuple[int, Occurrence]],
    zones: Sequence[tuple[str, Any]],
    asked: Asked,
    now: datetime,
    after: int,
    upto: int,
) -> Iterator[tuple[int, Statement]]:
    def plan_of(step: int) -> Plan:
        return Plan(one.programme, step, one.rule, now, office.language)

    if is_day_wide(one.programme) and (days := day_wide(one.programme, zones, _span_of(one, asked, now))):
        yield 1, candidates.of_days(plan_of(1), days, candidates.between(after, upto))
    for step in range(1, len(one.programme.step) + 1):
        theirs = [o for of, o in happened if of == step and after < o.happened.customer_id <= upto]
        for start in range(0, len(theirs), _ROWS):
            yield step, candidates.of_occurrences(plan_of(step), theirs[start : start + _ROWS])


async def _decide(
    session: ReadSession,
    office: Office,
    part: Sequence[_Candidate],
    contact: ContactRules,
    span: Span,
    now: datetime,
) -> list[Row]:
    over = await _over(session, part)
    part = [one for one in part if _key(one) not in over]
    rows = [_settled(one) for one in part if one.of.since is None or one.row.because is not None]
    open_ones = [one for one in part if one.of.since is not None and one.row.because is None]
    ids = sorted({one.row.customer_id for one in open_ones})
    customers = list(await session.scalars(select(Customer).where(Customer.id.in_(ids)))) if ids else []
    people = await read_people(session, customers, contact, office.zone, now)
    by_customer: dict[int, list[_Candidate]] = {}
    for one in open_ones:
        by_customer.setdefault(one.row.customer_id, []).append(one)
    for customer_id, theirs in by_customer.items():
        rows += _Life(people[customer_id], contact, span, now).live(theirs)
    return rows


def _key(one: _Candidate) -> tuple[str, int, str, int]:
    return one.of.programme.id, one.row.customer_id, one.row.occasion, one.step


async def _over(session: ReadSession, part: Iterable[_Candidate]) -> set[tuple[str, int, str, int]]:
    """Those that have been decided for good already."""
    ids = sorted({one.row.customer_id for one in part})
    query = select(FollowUp.programme, FollowUp.customer_id, FollowUp.occasion, FollowUp.step).where(
        FollowUp.state != FollowUpState.PLANNED, FollowUp.customer_id.between(ids[0], ids[-1])
    )
    return {(row.programme, row.customer_id, row.occasion, row.step) for row in await session.execute(query)}


def _settled(one: _Candidate) -> Row:
    reason = Reason.PROGRAMME_OFF if one.of.since is None else Reason(one.row.because)
    return _row(one, one.row.due_at, False, Decision(Verdict.SKIP, reason, reason.value))


def _row(one: _Candidate, at: datetime, is_sent: bool, decision: Decision) -> Row:
    row = one.row
    return Row(
        programme=one.of.programme,
        step=one.step,
        rule=one.of.rule,
        customer_id=row.customer_id,
        occasion=row.occasion,
        due_at=at,
        expires_at=row.expires_at,
        is_sent=is_sent,
        because=decision.because,
        decided_by=decision.rule,
        values=dict(decision.values),
        order_id=row.order_id,
        ticket_id=row.ticket_id,
        facts=row.facts or {},
        happened_at=row.happened_at,
    )


class _Life:
    """One customer's follow-ups within the span, in the order in which they fall due."""

    def __init__(self, person: Person, contact: ContactRules, span: Span, now: datetime) -> None:
        self._person = person
        self._contact = contact
        self._span = span
        self._recipient = _as_now(person, now)
        self._numbers = 0
        self._queue: list[tuple[datetime, int, int, _Candidate]] = []

    def live(self, theirs: Iterable[_Candidate]) -> list[Row]:
        for one in theirs:
            self._put(one.row.due_at, one)
        rows = []
        for _ in range(_LOOKS * (len(self._queue) + 1)):
            if not self._queue:
                break
            at, _priority, _number, one = heapq.heappop(self._queue)
            if (row := self._look(at, one)) is not None:
                rows.append(row)
        return rows

    def _put(self, at: datetime, one: _Candidate) -> None:
        self._numbers += 1
        heapq.heappush(self._queue, (at, one.of.programme.priority, self._numbers, one))

    def _look(self, at: datetime, one: _Candidate) -> Row | None:
        """The row it becomes; None when it waits."""
        programme = one.of.programme
        if programme.step[one.step - 1].do is Do.CALL:
            self._go_on(at, one)
            return _row(one, at, True, Decision(Verdict.SEND, Reason.DUE))
        kind = MessageKind(programme.kind.value)
        is_outranked = any(told.contact.at == at for told in self._person.told)
        wanted = Wanted(kind, one.row.expires_at, programme.survey, is_outranked)
        decision = may_send(wanted, self._recipient, self._person.history(), at, self._contact)
        if decision.verdict is Verdict.WAIT and decision.because not in _OPEN_ENDED and decision.until is not None:
            self._put(decision.until, one)
            return None
        if decision.verdict is Verdict.SEND:
            told = Told(0, Contact(at, kind, programme.survey))
            self._person = replace(self._person, told=(*self._person.told, told))
            self._go_on(at, one)
        return _row(one, at, decision.verdict is Verdict.SEND, decision)

    def _go_on(self, at: datetime, one: _Candidate) -> None:
        """The step that follows from this one, when it falls within the span."""
        programme, step = one.of.programme, one.step + 1
        if step > len(programme.step):
            return
        happened = Happened(one.row.customer_id, one.row.occasion, at, None, since=one.row.happened_at)
        following = occurs(programme, happened, self._person.zone, step)
        if self._span.has(following.due_at):
            row = _Following(one.row, following)
            self._put(following.due_at, _Candidate(one.of, step, row))


class _Following:
    """A later step's row: that of the step before, due later."""

    def __init__(self, before: Any, occurrence: Occurrence) -> None:
        self.customer_id = before.customer_id
        self.occasion = before.occasion
        self.order_id, self.ticket_id, self.facts = before.order_id, before.ticket_id, before.facts
        self.happened_at = before.happened_at
        self.due_at, self.expires_at = occurrence.due_at, occurrence.expires_at
        self.because = None


def _as_now(person: Person, now: datetime) -> Recipient:
    """At the best of their addresses."""
    found = [person.recipient(account, lane, now) for account, lane in person.addresses]
    order = (Address.REACHABLE, Address.GONE, Address.BLOCKED, Address.NONE)
    none = person.recipient("", "", now)
    return min(found, key=lambda one: order.index(one.address), default=none)
