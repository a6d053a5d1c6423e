"""Programmes and their reports as the API shows them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from conversations.prompts import AnswerKind
from scheduler.programme_report import ProgrammeReport
from scheduler.values import FollowUpState


class _FromReport(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class BoughtShape(_FromReport):
    """Of `customers` whose days are over, `bought` within them; `running`: others whose days still run."""

    customers: int
    bought: int
    share: float | None = Field(examples=[0.125])
    running: int


class AnswerCountShape(_FromReport):
    """`question` counts from 1. `value`: the score, or the id of the button."""

    question: int
    kind: AnswerKind
    value: str | None = Field(examples=["5"])
    count: int


class GiftCountShape(_FromReport):
    """`amount_minor`: of those that were taken."""

    currency: str
    offered: int
    taken: int
    amount_minor: int


class ProgrammeReportShape(BaseModel):
    """`stopped`: follow-ups after which a customer said "stop" within two days. `holdout`: who never got it."""

    programme: str = Field(examples=["win-back"])
    since: datetime | None
    planned: int
    sent: int
    answered: int
    stopped: int
    failed: int
    unknown: int
    cancelled: int
    skipped: dict[str, int]
    answers: list[AnswerCountShape]
    gifts: list[GiftCountShape]
    bought_within_days: int
    bought: BoughtShape
    holdout: BoughtShape


def programme_report_shape(report: ProgrammeReport) -> ProgrammeReportShape:
    def of(state: FollowUpState) -> int:
        return report.states.get(state, 0)

    return ProgrammeReportShape(
        programme=report.programme,
        since=report.since,
        planned=of(FollowUpState.PLANNED) + of(FollowUpState.SENDING),
        sent=report.sent,
        answered=report.answered,
        stopped=report.stopped,
        failed=of(FollowUpState.FAILED),
        unknown=of(FollowUpState.UNKNOWN),
        cancelled=of(FollowUpState.CANCELLED),
        skipped=dict(report.skipped),
        answers=[AnswerCountShape.model_validate(one) for one in report.answers],
        gifts=[GiftCountShape.model_validate(one) for one in report.gifts],
        bought_within_days=report.within_days,
        bought=BoughtShape.model_validate(report.reached),
        holdout=BoughtShape.model_validate(report.held_out),
    )
