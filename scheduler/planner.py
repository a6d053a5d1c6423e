"""Writes down what falls due within the next day. Safe to run at any time, twice, and in several processes at once.

Nothing is remembered but until when everything has been derived once: each look derives what has come within reach
since, and, of the recent past and the next day, what is news; under changed rules all of it anew. The unique key of a
follow-up lets each occasion count once. So a restart, a clock that jumps or a second planner change nothing, and
downtime is made up for: what is not stale yet is planned late, the rest is written down as expired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, delete, func, or_, select, tuple_

from conversations.inbox_rows import count_rows
from core.database import Database, ReadSession, WriteSession, upsert_ignore
from core.rulebook import Edition, Rulebook
from customers.models import Customer
from scheduler import candidates
from scheduler.candidates import COLUMNS, Plan
from scheduler.changes import Changes, read_changes
from scheduler.happenings import happenings, most_days, sendings
from scheduler.models import FollowUp, ProgrammeState
from scheduler.occurrences import DayWide, Occurrence, Span, day_wide, happened_within, is_day_wide, occurs
from scheduler.programme_rules import PROGRAMMES, Programme, ProgrammeRules
from scheduler.values import FollowUpState

#: How far ahead follow-ups are planned, so that people can see and stop them.
HORIZON = timedelta(hours=24)
#: How far back each look goes: facts come late, and a day of the customer's is not ours.
LOOK_BACK = timedelta(hours=26)
#: After a longer downtime than this nothing older is even written down.
LONGEST_DOWNTIME = timedelta(days=31)
#: What comes within reach is derived this often, and the steps that follow from sendings; news at every look.
_DAYS_EVERY = timedelta(minutes=15)
#: Customers, or rows, a transaction: on SQLite few, as nobody else may write meanwhile.
_IDS_SQLITE, _IDS = 5_000, 50_000
_ROWS = 200


@dataclass(frozen=True, slots=True)
class Office:
    """What follow-ups are made with. `zone`: the shop's; `language`: of customers who never said theirs.

    `staff_language`: of what staff read together.
    """

    rulebook: Rulebook
    zone: ZoneInfo
    language: str = "zh"
    staff_language: str = "zh"

    def zone_of(self, name: str | None) -> ZoneInfo:
        """A customer's zone; the shop's where theirs is not known."""
        try:
            return ZoneInfo(name) if name else self.zone
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self.zone

    async def programmes(self, session: ReadSession) -> Edition[ProgrammeRules]:
        return await self.rulebook.current(session, PROGRAMMES)


async def plan_ahead(database: Database, office: Office, now: datetime) -> int:
    """Plans every programme that is on; how many follow-ups were written down."""
    async with database.read() as session:
        edition = await office.programmes(session)
        states = {state.id: state for state in await session.scalars(select(ProgrammeState))}
    planned = 0
    for programme in edition.rules.programme:
        state = states.get(programme.id)
        if state is not None and state.enabled:
            planned += await _Planner(database, office, programme, edition.name_of(programme.id), now).plan(state)
    return planned


def span_of(state: ProgrammeState, programme: Programme, rule: str, now: datetime) -> Span:
    """The due instants that a look derives. Under changed rules everything that is not stale is derived again."""
    since = state.since or now
    reached = min(state.planned_until or since, now) - LOOK_BACK
    if state.planned_by != rule:
        reached = min(reached, now - timedelta(hours=programme.lasts_hours))
    return Span(max(since, reached, now - LONGEST_DOWNTIME), now + HORIZON)


async def zones_of(session: ReadSession, office: Office) -> list[tuple[str, ZoneInfo]]:
    """Every zone that a customer is in, by its name; `""` stands for those whose zone is not known."""
    names = await session.scalars(select(Customer.timezone).where(Customer.timezone.is_not(None)).distinct())
    return [("", office.zone), *((name, office.zone_of(name)) for name in names if name)]


async def occurrences_within(
    session: ReadSession, office: Office, programme: Programme, step: int, span: Span, changes: Changes | None = None
) -> list[Occurrence]:
    """What happened and is due within `span`; of a later step, what follows from the sendings of the one before.

    `changes`: only of what is news.
    """
    wanted = happened_within(programme, span, most_days(programme), step)
    found = (
        await happenings(session, programme, wanted, office.zone_of, changes)
        if step == 1
        else await sendings(session, programme, step - 1, wanted)
    )
    due = (occurs(programme, one, office.zone_of(one.zone), step) for one in found)
    return [one for one in due if span.has(one.due_at)]


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look derives: all that is due within `fresh`; of what is due within `known`, the news."""

    fresh: Span | None
    known: Span | None = None


class _Planner:
    """One look at one programme."""

    def __init__(self, database: Database, office: Office, programme: Programme, rule: str, now: datetime) -> None:
        self._database = database
        self._office = office
        self._programme = programme
        self._rule = rule
        self._now = now

    async def plan(self, state: ProgrammeState) -> int:
        programme, now = self._programme, self._now
        is_changed = state.planned_by != self._rule
        is_time = state.planned_at is None or not now - _DAYS_EVERY < state.planned_at <= now
        if is_day_wide(programme) and not (is_time or is_changed):
            return 0
        span = span_of(state, programme, self._rule, now)
        if is_changed and state.planned_by is not None:
            await self._forget_pending()
        look, changes = await self._what_to_look_at(state, span, is_changed=is_changed, is_time=is_time)
        if is_day_wide(programme):
            planned = await self._plan_days(look, changes)
        else:
            planned = await self._plan_first_steps(look, changes)
        if is_time or is_changed:
            for step in range(2, len(programme.step) + 1):
                planned += await self._plan_occurrences(step, span)
            await self._note(span)
        return planned

    async def _what_to_look_at(
        self, state: ProgrammeState, span: Span, *, is_changed: bool, is_time: bool
    ) -> tuple[_Look, Changes | None]:
        """Under changed rules everything; else what has come within reach, now and then, and what is news."""
        if is_changed or state.planned_until is None or state.planned_at is None:
            return _Look(span), None
        async with self._database.read() as session:
            changes = await read_changes(session, self._programme.audience, state.planned_at, self._now)
        if changes is None:
            return _Look(span), None
        reached = min(max(state.planned_until, span.start), span.end)
        fresh = Span(reached, span.end) if is_time else None
        return _Look(fresh, Span(span.start, reached)), changes

    def _plan_of(self, step: int) -> Plan:
        return Plan(self._programme, step, self._rule, self._now, self._office.language)

    async def _forget_pending(self) -> None:
        """What was planned by older rules and has gone nowhere yet is derived again; what was asked for stays."""
        still_ahead = (FollowUp.state == FollowUpState.SKIPPED) & (FollowUp.due_at > self._now)
        pending = FollowUp.state == FollowUpState.PLANNED
        async with self._database.write() as session:
            await session.execute(
                delete(FollowUp).where(
                    FollowUp.programme == self._programme.id,
                    FollowUp.delivery_id.is_(None),
                    FollowUp.again_of.is_(None),
                    or_(pending, still_ahead),
                )
            )

    async def _plan_days(self, look: _Look, changes: Changes | None) -> int:
        async with self._database.read() as session:
            zones = await zones_of(session, self._office)
            last = await session.scalar(select(func.max(Customer.id))) or 0
        planned, at_once = 0, _IDS_SQLITE if self._database.is_sqlite else _IDS
        if look.fresh is not None and (days := day_wide(self._programme, zones, look.fresh)):
            for after in range(0, last, at_once):
                planned += await self._write_days(days, candidates.between(after, after + at_once))
        if look.known is not None and changes and (days := day_wide(self._programme, zones, look.known)):
            for start in range(0, len(changes.customers), _ROWS):
                changed = changes.customers[start : start + _ROWS]
                planned += await self._write_days(days, Customer.id.in_(changed))
        return planned

    async def _write_days(self, days: Sequence[DayWide], who: ColumnElement[bool]) -> int:
        statement = candidates.of_days(self._plan_of(1), days, who)
        async with self._database.write() as session:
            return await insert_all(session, statement)

    async def _plan_first_steps(self, look: _Look, changes: Changes | None) -> int:
        planned = await self._plan_occurrences(1, look.fresh) if look.fresh is not None else 0
        if look.known is not None:
            planned += await self._plan_occurrences(1, look.known, changes)
        return planned

    async def _plan_occurrences(self, step: int, span: Span, changes: Changes | None = None) -> int:
        async with self._database.read() as session:
            due = await occurrences_within(session, self._office, self._programme, step, span, changes)
            known = await self._known(session, step, due)
        news = [one for one in due if (one.happened.customer_id, one.happened.occasion) not in known]
        news.sort(key=lambda one: (one.happened.customer_id, one.happened.occasion))
        planned = 0
        for start in range(0, len(news), _ROWS):
            statement = candidates.of_occurrences(self._plan_of(step), news[start : start + _ROWS])
            async with self._database.write() as session:
                planned += await insert_all(session, statement)
        return planned

    async def _known(self, session: ReadSession, step: int, due: Sequence[Occurrence]) -> set[tuple[int, str]]:
        """Those that are written down already."""
        found: set[tuple[int, str]] = set()
        keys = [(one.happened.customer_id, one.happened.occasion) for one in due]
        for start in range(0, len(keys), _ROWS):
            query = select(FollowUp.customer_id, FollowUp.occasion).where(
                FollowUp.programme == self._programme.id,
                FollowUp.step == step,
                tuple_(FollowUp.customer_id, FollowUp.occasion).in_(keys[start : start + _ROWS]),
            )
            found.update((row.customer_id, row.occasion) for row in await session.execute(query))
        return found

    async def _note(self, span: Span) -> None:
        """Everything that is due before the end of `span` has been derived."""
        async with self._database.write() as session:
            state = await session.get(ProgrammeState, self._programme.id, with_for_update=True)
            if state is not None:
                state.planned_until = max(state.planned_until or span.end, span.end)
                state.planned_at, state.planned_by = self._now, self._rule


async def insert_all(session: WriteSession, statement: candidates.Statement) -> int:
    """Writes down what is new of it; how many."""
    insert = upsert_ignore(FollowUp, session.get_bind().dialect.name)
    new = insert.from_select(COLUMNS, statement.order_by(Customer.id))
    if session.get_bind().dialect.name != "sqlite":
        return count_rows(await session.execute(new))
    # SQLite's driver does not count what begins with WITH: counted by what comes back.
    return len((await session.execute(new.returning(FollowUp.id))).all())
