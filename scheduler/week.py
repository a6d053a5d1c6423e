"""The week in figures, and what waits to be done now: for the report and for Monday morning's digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, union

from conversations.prompt_models import PromptAnswer
from conversations.prompts import AnswerKind
from core.database import ReadSession
from core.errors import InvalidInput
from core.money import Money
from customers.models import Consent
from customers.task_models import Task
from customers.values import TaskState
from knowledge_base.gap_list import list_gaps
from knowledge_base.models import QuestionLog
from knowledge_base.values import Outcome
from scheduler.models import FollowUp
from scheduler.occasions import local_instant
from scheduler.planner import Office
from scheduler.values import FollowUpKind, FollowUpState
from scheduler.week_budgets import BudgetLine, read_budgets
from tickets.models import FIRST_NUMBER, Ticket, TicketClock
from tickets.money_models import Grant
from tickets.queue_report import Share
from tickets.queue_report import read as read_queue
from tickets.scores import BEST
from tickets.values import GrantState, TicketKind

Span = tuple[datetime, datetime]
_WEEK = timedelta(days=7)
#: So many unanswered questions are told by name.
_FIRST_QUESTIONS = 5
#: So many cases of customers at risk are told by number.
_FIRST_CASES = 10
_GONE_OUT = (FollowUpState.SENT, FollowUpState.ANSWERED, FollowUpState.UNKNOWN)
_OPEN_TASKS = (TaskState.OPEN, TaskState.TAKEN)
_FIRST_DAY, _LAST_DAY = date(1970, 1, 5), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Scores:
    """Of `count` scores of 1 to 5, how many were the best; how many customers are `at_risk` by theirs, and for which
    tickets they gave them: numbers, the newest first.
    """

    count: int
    fives: int
    at_risk: int
    cases: tuple[int, ...]

    @property
    def share(self) -> float | None:
        return round(self.fives / self.count, 4) if self.count else None


@dataclass(frozen=True, slots=True)
class Cases:
    """`opened`, `resolved` within the week; `broken`: promises that passed within it."""

    opened: int
    complaints: int
    resolved: int
    broken: int
    causes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FollowUpsOfWeek:
    """`skipped` by reason; `stopped`: customers who said "stop"."""

    sent: int
    answered: int
    skipped: Mapping[str, int]
    stopped: int


@dataclass(frozen=True, slots=True)
class ToDo:
    """As it is now. `to_pay`: grants to be paid or sent, `amounts` their sums; `questions`: the weightiest."""

    queue: Share
    to_pay: int
    amounts: tuple[Money, ...]
    questions: tuple[str, ...]
    unanswered: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Week:
    """From Monday `start` to Sunday `end`, in the shop's zone. `missed`: of the questions that were `asked`."""

    start: date
    end: date
    cases: Cases
    scores: Scores
    asked: int
    missed: int
    budgets: tuple[BudgetLine, ...]
    follow_ups: FollowUpsOfWeek
    to_do: ToDo


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def last_monday(office: Office, now: datetime) -> date:
    """That of the last whole week."""
    return monday_of(now.astimezone(office.zone).date()) - _WEEK


async def read_week(session: ReadSession, office: Office, of: date | None, now: datetime) -> Week:
    """The week in which the day `of` lies; None: the last whole one. Raises InvalidInput."""
    if of is not None and not _FIRST_DAY <= of <= _LAST_DAY:
        raise InvalidInput(f"{of} is out of reach", {"of": f"must lie between {_FIRST_DAY} and {_LAST_DAY}"})
    start = monday_of(of) if of is not None else last_monday(office, now)
    span = local_instant(start, time(), office.zone), local_instant(start + _WEEK, time(), office.zone)
    asked = await _questions(session, span)
    return Week(
        start=start,
        end=start + _WEEK - timedelta(days=1),
        cases=await _cases(session, span),
        scores=await _scores(session, span),
        asked=sum(asked.values()),
        missed=asked.get(Outcome.NONE, 0),
        budgets=await read_budgets(session, office, f"{start + _WEEK - timedelta(days=1):%Y-%m}"),
        follow_ups=await _follow_ups(session, span),
        to_do=await _to_do(session, now),
    )


def _within(column: Any, span: Span) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (column >= span[0]) & (column < span[1])
    return found


async def _count(session: ReadSession, *which: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).where(*which)) or 0


async def _cases(session: ReadSession, span: Span) -> Cases:
    opened = _within(Ticket.opened_at, span)
    ended = _within(Ticket.resolved_at, span)
    causes = select(Ticket.root_cause, func.count()).where(ended, Ticket.root_cause.is_not(None))
    by_cause = {str(row[0]): int(row[1]) for row in await session.execute(causes.group_by(Ticket.root_cause))}
    return Cases(
        opened=await _count(session, opened),
        complaints=await _count(session, opened, Ticket.kind == TicketKind.COMPLAINT),
        resolved=await _count(session, ended),
        broken=await _count(session, _within(TicketClock.breached_at, span)),
        causes=dict(sorted(by_cause.items(), key=lambda one: (-one[1], one[0]))),
    )


async def _scores(session: ReadSession, span: Span) -> Scores:
    """Of cases and of surveys, question by question."""
    rated = _within(Ticket.score_at, span) & Ticket.score.is_not(None)
    asked = _within(PromptAnswer.at, span) & (PromptAnswer.kind == AnswerKind.SCORE) & (PromptAnswer.value != "skipped")
    best = await _count(session, rated, Ticket.score == BEST)
    best += await _count(session, asked, PromptAnswer.value == str(BEST))
    return Scores(
        count=await _count(session, rated) + await _count(session, asked),
        fives=best,
        at_risk=await _at_risk(session, rated, asked),
        cases=await _cases_at_risk(session, rated),
    )


async def _at_risk(session: ReadSession, rated: ColumnElement[bool], asked: ColumnElement[bool]) -> int:
    """Each customer once, however many scores below the best they gave."""
    of_cases = select(Ticket.customer_id).where(rated, Ticket.score < BEST)
    of_surveys = select(PromptAnswer.customer_id).where(asked, PromptAnswer.value != str(BEST))
    return await session.scalar(select(func.count()).select_from(union(of_cases, of_surveys).subquery())) or 0


async def _cases_at_risk(session: ReadSession, rated: ColumnElement[bool]) -> tuple[int, ...]:
    query = select(Ticket.id).where(rated, Ticket.score < BEST).order_by(Ticket.score_at.desc(), Ticket.id.desc())
    return tuple(row + FIRST_NUMBER - 1 for row in await session.scalars(query.limit(_FIRST_CASES)))


async def _questions(session: ReadSession, span: Span) -> dict[Outcome, int]:
    query = select(QuestionLog.outcome, func.count()).where(_within(QuestionLog.at, span))
    return {row[0]: row[1] for row in await session.execute(query.group_by(QuestionLog.outcome))}


async def _follow_ups(session: ReadSession, span: Span) -> FollowUpsOfWeek:
    messages = FollowUp.kind != FollowUpKind.TASK
    skipped = select(FollowUp.because, func.count()).where(
        _within(FollowUp.due_at, span), FollowUp.state == FollowUpState.SKIPPED
    )
    by_reason = {str(row[0]): int(row[1]) for row in await session.execute(skipped.group_by(FollowUp.because))}
    said_stop = select(func.count(func.distinct(Consent.customer_id))).where(
        _within(Consent.recorded_at, span), Consent.given.is_(False), Consent.by_customer
    )
    return FollowUpsOfWeek(
        sent=await _count(session, _within(FollowUp.sent_at, span), messages, FollowUp.state.in_(_GONE_OUT)),
        answered=await _count(session, _within(FollowUp.answered_at, span)),
        skipped=dict(sorted(by_reason.items())),
        stopped=await session.scalar(said_stop) or 0,
    )


async def _to_do(session: ReadSession, now: datetime) -> ToDo:
    sums = select(Grant.currency, func.sum(Grant.amount_minor), func.count()).where(Grant.state == GrantState.ACCEPTED)
    pay = (await session.execute(sums.group_by(Grant.currency).order_by(Grant.currency))).all()
    gaps = await list_gaps(session)
    return ToDo(
        queue=(await read_queue(session, now)).total,
        to_pay=sum(row[2] for row in pay),
        amounts=tuple(Money(int(row[1]), row[0]) for row in pay if row[1]),
        questions=tuple(gap.question for gap in gaps[:_FIRST_QUESTIONS] if gap.question),
        unanswered=len(gaps),
        tasks=await _count(session, Task.state.in_(_OPEN_TASKS)),
    )
