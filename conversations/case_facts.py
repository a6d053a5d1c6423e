"""What a step may know of the customer's own tickets. Values."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from conversations.customer_facts import SHANGHAI, Purchase
from tickets.rules import TicketRules
from tickets.scores import CHANGEABLE
from tickets.values import Resolution, TicketKind, TicketStatus


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket, as its customer may know it. `answer_by`: by when they hear from us; None without a promise."""

    number: int
    kind: TicketKind
    status: TicketStatus
    subject: str
    order: str | None = None
    answer_by: datetime | None = None
    resolution: Resolution | None = None
    score_at: datetime | None = None

    def may_be_rated(self, now: datetime) -> bool:
        """Once it is solved; a score may be changed for ten minutes."""
        is_solved = self.resolution is Resolution.SOLVED and not self.status.is_live
        return (is_solved and self.score_at is None) or self.is_being_rated(now)

    def is_being_rated(self, now: datetime) -> bool:
        return self.score_at is not None and now - self.score_at <= CHANGEABLE


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """`cases`: the customer's newest, live or not. `orders`: lately bought, of a verified customer. `zone`: theirs.

    `current`: the live ticket that the conversation is about; `answer_by`: the time that its customer was told last.
    `on_duty`: people are there now. `rules` None: nothing was looked up, as the intent has nothing to do with tickets.
    """

    rules: TicketRules | None = None
    cases: tuple[Case, ...] = ()
    orders: tuple[Purchase, ...] = ()
    zone: ZoneInfo = SHANGHAI
    current: int | None = None
    answer_by: datetime | None = None
    on_duty: bool = True

    @property
    def live(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.status.is_live)

    def find_live(self, kind: TicketKind) -> Case | None:
        """The newest that more words of this kind join."""
        return next((case for case in self.live if case.kind is kind), None)

    def find(self, number: int) -> Case | None:
        return next((case for case in self.cases if case.number == number), None)


#: Reads the facts at an instant.
ReadCases = Callable[[datetime], Awaitable[CaseFacts]]
