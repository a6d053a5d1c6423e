"""The week's report as the API and the command show it."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from scheduler.week import Week


class _FromWeek(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class MoneyShape(_FromWeek):
    amount_minor: int
    currency: str


class BudgetShape(_FromWeek):
    """`name`: a team, `goodwill`, a programme."""

    name: str
    month: str = Field(examples=["2026-03"])
    currency: str
    spent_minor: int
    limit_minor: int


class ScoresShape(_FromWeek):
    """Of cases and surveys. `share`: of fives. `at_risk`: customers who gave less; `cases`: the tickets for which they
    did, the newest first, at most ten.
    """

    count: int
    fives: int
    share: float | None
    at_risk: int
    cases: list[int]


class WeekCasesShape(_FromWeek):
    """`broken`: promises that passed within the week. `causes`: of cases that were resolved within it."""

    opened: int
    complaints: int
    resolved: int
    broken: int
    causes: dict[str, int]


class WeekFollowUpsShape(_FromWeek):
    sent: int
    answered: int
    skipped: dict[str, int]
    stopped: int


class WeekQuestionsShape(BaseModel):
    asked: int
    missed: int


class ToDoShape(BaseModel):
    """As it is now. `late`: cases past their time. `to_pay`: grants to be paid or sent."""

    late: int
    open: int
    pending: int
    waiting_since: datetime | None
    to_pay: int
    amounts: list[MoneyShape]
    unanswered: int
    questions: list[str]
    tasks: int


class WeekShape(BaseModel):
    """From Monday to Sunday in the shop's zone; `text`: the same in words."""

    start: date
    end: date
    to_do: ToDoShape
    cases: WeekCasesShape
    scores: ScoresShape
    questions: WeekQuestionsShape
    budgets: list[BudgetShape]
    follow_ups: WeekFollowUpsShape
    text: str


def week_shape(week: Week, text: str) -> WeekShape:
    to_do, queue = week.to_do, week.to_do.queue
    return WeekShape(
        start=week.start,
        end=week.end,
        to_do=ToDoShape(
            late=queue.late,
            open=queue.open,
            pending=queue.pending,
            waiting_since=queue.waiting_since,
            to_pay=to_do.to_pay,
            amounts=[MoneyShape.model_validate(money) for money in to_do.amounts],
            unanswered=to_do.unanswered,
            questions=list(to_do.questions),
            tasks=to_do.tasks,
        ),
        cases=WeekCasesShape.model_validate(week.cases),
        scores=ScoresShape.model_validate(week.scores),
        questions=WeekQuestionsShape(asked=week.asked, missed=week.missed),
        budgets=[BudgetShape.model_validate(line) for line in week.budgets],
        follow_ups=WeekFollowUpsShape.model_validate(week.follow_ups),
        text=text,
    )
