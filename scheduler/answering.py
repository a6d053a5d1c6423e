"""Carries what customers answered over to the follow-ups: answered, or to be asked again. Safe to run twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from conversations.models import Delivery
from conversations.prompt_models import PromptAnswer
from conversations.prompts import AnswerKind
from core.database import Database, WriteSession, upsert_ignore
from customers.models import Customer
from scheduler.models import FollowUp
from scheduler.occasions import local_instant
from scheduler.planner import Office
from scheduler.programme_rules import Programme, ProgrammeRules
from scheduler.values import FollowUpState

_AT_ONCE = 200
_ANSWERABLE = (FollowUpState.PLANNED, FollowUpState.SENDING, FollowUpState.SENT, FollowUpState.UNKNOWN)


async def apply_answers(database: Database, office: Office, now: datetime) -> int:
    """How many answers were carried over."""
    async with database.read() as session:
        rules = (await office.programmes(session)).rules
    done = 0
    while True:
        async with database.read() as session:
            new = select(PromptAnswer.id).where(PromptAnswer.applied_at.is_(None)).order_by(PromptAnswer.id)
            ids = list(await session.scalars(new.limit(_AT_ONCE)))
        if not ids:
            return done
        async with database.write() as session:
            done += await _apply(session, office, rules, ids, now)


async def _apply(
    session: WriteSession, office: Office, rules: ProgrammeRules, ids: Sequence[int], now: datetime
) -> int:
    query = select(PromptAnswer).where(PromptAnswer.id.in_(ids), PromptAnswer.applied_at.is_(None))
    answers = list(await session.scalars(query.order_by(PromptAnswer.id).with_for_update(skip_locked=True)))
    wanted = select(FollowUp).where(FollowUp.id.in_({one.follow_up for one in answers}))
    rows = {row.id: row for row in await session.scalars(wanted.order_by(FollowUp.id).with_for_update())}
    for answer in answers:
        answer.applied_at = now
        row = rows.get(answer.follow_up)
        if row is None or answer.kind is AnswerKind.STOP:
            continue
        await _note(session, row, answer)
        programme = rules.find(row.programme)
        if answer.kind is AnswerKind.LATER and programme is not None:
            await _ask_again(session, office, programme, row, answer)
    return len(answers)


async def _note(session: WriteSession, row: FollowUp, answer: PromptAnswer) -> None:
    """An answer proves that it arrived, whatever the channel said."""
    if row.state not in _ANSWERABLE:
        return
    if row.sent_at is None and row.delivery_id is not None:
        delivery = await session.get(Delivery, row.delivery_id)
        row.sent_at = delivery.sent_at or delivery.admitted_at if delivery is not None else None
    row.state, row.because, row.answered_at = FollowUpState.ANSWERED, None, answer.at


async def _ask_again(
    session: WriteSession, office: Office, programme: Programme, row: FollowUp, answer: PromptAnswer
) -> None:
    """The same step once more, some days later; a greeting is not repeated."""
    is_question = row.step <= len(programme.step) and programme.step[row.step - 1].expects is not None
    if not is_question:
        return
    customer = await session.get(Customer, row.customer_id)
    zone = office.zone_of(customer.timezone if customer else None)
    day = answer.at.astimezone(zone).date() + timedelta(days=programme.later_days)
    at = programme.at or answer.at.astimezone(zone).time()
    due_at = local_instant(day, at, zone)
    insert = upsert_ignore(FollowUp, session.get_bind().dialect.name)
    await session.execute(
        insert.values(
            programme=row.programme,
            step=row.step,
            customer_id=row.customer_id,
            occasion=day.isoformat(),
            kind=row.kind,
            rule=row.rule,
            happened_at=row.happened_at,
            due_at=due_at,
            expires_at=due_at + timedelta(hours=programme.lasts_hours),
            state=FollowUpState.PLANNED,
            values={},
            order_id=row.order_id,
            ticket_id=row.ticket_id,
            facts=row.facts,
            again_of=row.id,
            created_at=answer.at,
        )
    )
