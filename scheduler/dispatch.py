"""Hands what is due to the outbox, or to a person; drops what is stale or void, with the reason.

The outbox asks the contact policy at the moment of sending. Here is decided what belongs to the programme: whether it
is still on, whether its occasion still holds, and how many it may send today.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import Select, func, or_, select, update

from conversations import follow_up_hold, outbox
from conversations.contact_rules import CONTACT, ContactRules, Reason
from conversations.models import Delivery
from core.database import Database, ReadSession, WriteSession
from customers import tasks
from customers.tasks import TaskDraft
from customers.values import TaskKind
from scheduler import voiding
from scheduler.drafting import Drafting, read_drafting
from scheduler.models import FollowUp, ProgrammeState
from scheduler.occasions import local_instant
from scheduler.planner import Office
from scheduler.programme_rules import Programme, ProgrammeKind, ProgrammeRules
from scheduler.step_rules import Do
from scheduler.values import FollowUpState

#: Follow-ups a transaction: on SQLite nobody else may write meanwhile.
AT_ONCE = 50
_DROPPED_AT_ONCE = 1000
#: Nothing waits longer than this for its turn.
_LONGEST = timedelta(days=60)


async def dispatch_due(database: Database, office: Office, now: datetime) -> int:
    """Dispatches until nothing more is due or may go today; how many were handed on or ended."""
    done = await _drop_stale(database, now)
    async with database.read() as session:
        edition = await office.programmes(session)
        contact = (await office.rulebook.current(session, CONTACT)).rules
        states = {state.id: state for state in await session.scalars(select(ProgrammeState)) if state.enabled}
        is_held = await follow_up_hold.find_hold(session) is not None
    done += await _drop_off(database, edition.rules, set(states), now)
    if is_held:
        await _mark_waiting(database, list(states), Reason.HOLD, now)
        return done
    for programme in sorted(edition.rules.programme, key=lambda one: one.priority):
        if (state := states.get(programme.id)) is not None:
            work = _Dispatcher(database, office, programme, edition.name_of(programme.id), contact, now)
            done += await work.run(state)
    return done


async def _drop_stale(database: Database, now: datetime) -> int:
    """What has expired before it was its turn; the reason that held it up is kept."""
    stale = select(FollowUp.id).where(
        FollowUp.state == FollowUpState.PLANNED, FollowUp.dispatched_at.is_(None), FollowUp.expires_at <= now
    )
    return await _end_all(database, stale, Reason.EXPIRED)


async def _drop_off(database: Database, rules: ProgrammeRules, enabled: set[str], now: datetime) -> int:
    """What is due of programmes that are off, or gone from the rules."""
    alive = enabled & {one.id for one in rules.programme}
    off = select(FollowUp.id).where(
        FollowUp.state == FollowUpState.PLANNED,
        FollowUp.dispatched_at.is_(None),
        FollowUp.due_at <= now,
        FollowUp.programme.not_in(alive),
    )
    return await _end_all(database, off, Reason.PROGRAMME_OFF)


async def _end_all(database: Database, which: Select[int], reason: Reason) -> int:
    done = 0
    while True:
        async with database.read() as session:
            ids = list(await session.scalars(which.limit(_DROPPED_AT_ONCE)))
        if not ids:
            return done
        async with database.write() as session:
            await session.execute(
                update(FollowUp)
                .where(FollowUp.id.in_(ids), FollowUp.state == FollowUpState.PLANNED, FollowUp.dispatched_at.is_(None))
                .values(state=FollowUpState.SKIPPED, because=func.coalesce(FollowUp.because, reason.value))
            )
        done += len(ids)


async def _mark_waiting(database: Database, programmes: Sequence[str], reason: Reason, now: datetime) -> None:
    """Notes why what is due does not go out yet."""
    waits = (
        FollowUp.programme.in_(programmes),
        FollowUp.state == FollowUpState.PLANNED,
        FollowUp.dispatched_at.is_(None),
        FollowUp.due_at <= now,
        or_(FollowUp.because.is_(None), FollowUp.because != reason.value),
    )
    async with database.read() as session:
        if await session.scalar(select(FollowUp.id).where(*waits).limit(1)) is None:
            return
    async with database.write() as session:
        await session.execute(update(FollowUp).where(*waits).values(because=reason.value))


class _Dispatcher:
    """The turn of one programme."""

    def __init__(
        self,
        database: Database,
        office: Office,
        programme: Programme,
        rule: str,
        contact: ContactRules,
        now: datetime,
    ) -> None:
        self._database = database
        self._office = office
        self._programme = programme
        self._rule = rule
        self._contact = contact
        self._now = now

    async def run(self, state: ProgrammeState) -> int:
        done = 0
        while True:
            async with self._database.write() as session:
                room = await self._room(session, state)
                rows = await self._due(session, min(room, AT_ONCE))
                await self._dispatch(session, rows)
            done += len(rows)
            if len(rows) < AT_ONCE:
                break
        if room <= len(rows):
            await _mark_waiting(self._database, [self._programme.id], Reason.CAP, self._now)
        return done

    async def _room(self, session: ReadSession, state: ProgrammeState) -> int:
        """How many more may go today. News of one's own matters has no such limit."""
        if self._programme.kind is ProgrammeKind.SERVICE:
            return AT_ONCE
        zone = self._office.zone
        today = self._now.astimezone(zone).date()
        days_on = (today - (state.since or self._now).astimezone(zone).date()).days
        gone = await session.scalar(
            select(func.count()).where(
                FollowUp.programme == self._programme.id,
                FollowUp.due_at >= self._now - _LONGEST,
                FollowUp.dispatched_at >= local_instant(today, time(), zone),
            )
        )
        return max(0, self._contact.pace.most(days_on) - (gone or 0))

    async def _due(self, session: WriteSession, most: int) -> Sequence[FollowUp]:
        if most == 0:
            return []
        query = (
            select(FollowUp)
            .where(
                FollowUp.programme == self._programme.id,
                FollowUp.state == FollowUpState.PLANNED,
                FollowUp.dispatched_at.is_(None),
                FollowUp.due_at <= self._now,
            )
            .order_by(FollowUp.due_at, FollowUp.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return (await session.scalars(query)).all()

    async def _dispatch(self, session: WriteSession, rows: Sequence[FollowUp]) -> None:
        if not rows:
            return
        void = await voiding.find_void(session, self._programme, rows)
        drafting = await read_drafting(session, self._office, self._programme, self._rule, rows)
        for row in rows:
            if (cause := void.get(row.id)) is not None:
                row.state, row.because, row.values = FollowUpState.CANCELLED, cause.reason.value, cause.values
            elif row.step > len(self._programme.step):
                row.state, row.because = FollowUpState.CANCELLED, Reason.PROGRAMME_OFF.value
            elif self._programme.step[row.step - 1].do is Do.CALL:
                await self._ask_a_person(session, row, drafting)
            else:
                await self._put_into_outbox(session, row, drafting)

    async def _ask_a_person(self, session: WriteSession, row: FollowUp, drafting: Drafting) -> None:
        draft = TaskDraft(
            kind=TaskKind.CALL,
            subject=row.programme,
            customer_id=row.customer_id,
            text=drafting.task_text(row),
            due_at=row.expires_at,
            dedupe_key=f"follow_up:{row.id}",
        )
        task = await tasks.add_task(session, draft, self._now)
        row.state, row.dispatched_at, row.sent_at, row.because = FollowUpState.SENT, self._now, self._now, None
        row.task_id = task.id if task is not None else None

    async def _put_into_outbox(self, session: WriteSession, row: FollowUp, drafting: Drafting) -> None:
        draft = drafting.delivery(row, self._now)
        if draft is None:
            row.state, row.because = FollowUpState.SKIPPED, Reason.NO_CHANNEL.value
            return
        await outbox.enqueue(session, draft)
        row.delivery_id = await session.scalar(select(Delivery.id).where(Delivery.dedupe_key == draft.dedupe_key))
        row.dispatched_at, row.because = self._now, None
