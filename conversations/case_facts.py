"""What a step may know of the customer's own tickets. Values."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from conversations.customer_facts import SHANGHAI, Purchase
from core.money import Money
from tickets.rules import TicketRules
from tickets.scores import CHANGEABLE
from tickets.values import GrantKind, Resolution, TicketKind, TicketStatus


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
class OpenOffer:
    """What the customer was offered and has not answered. `case` None: for no ticket.

    `knows_cause`: what went wrong on our side has been found. `valid_days`: of the voucher that it becomes.
    """

    grant: int
    case: int | None
    kind: GrantKind
    money: Money
    until: datetime | None
    knows_cause: bool = False
    valid_days: int | None = None


@dataclass(frozen=True, slots=True)
class OwnVoucher:
    """`code` is its placeholder; `until` None: it stays good."""

    code: str
    money: Money
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, as far as their tickets are concerned. `ticket_id`: what the conversation is about; `answer_by`: the
    time that they were told last. `has_cases` False: there never was a ticket, nor anything given.
    """

    customer_id: int
    verified: bool
    zone: ZoneInfo | None
    ticket_id: int | None
    answer_by: datetime | None
    has_cases: bool = True


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """`cases`: the customer's newest, live or not. `orders`: lately bought, of a verified customer. `zone`: theirs.

    `current`: the live ticket that the conversation is about; `answer_by`: the time that its customer was told last.
    `on_duty`: people are there now. `offers` and `vouchers` are in force, the newest first; `points` is the balance.
    `rules` None: nothing was looked up, as the intent has nothing to do with tickets.
    """

    rules: TicketRules | None = None
    cases: tuple[Case, ...] = ()
    orders: tuple[Purchase, ...] = ()
    zone: ZoneInfo = SHANGHAI
    current: int | None = None
    answer_by: datetime | None = None
    on_duty: bool = True
    offers: tuple[OpenOffer, ...] = ()
    vouchers: tuple[OwnVoucher, ...] = ()
    points: int = 0

    @property
    def live(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.status.is_live)

    def find_live(self, kind: TicketKind, order: str | None = None) -> Case | None:
        """The newest that more words of this kind join. `order`: what they name, and another order's case is not it."""
        orders = {None, order}
        alike = (case for case in self.live if case.kind is kind)
        return next((case for case in alike if order is None or case.order in orders), None)

    def find(self, number: int) -> Case | None:
        return next((case for case in self.cases if case.number == number), None)

    def find_offer(self, grant: int) -> OpenOffer | None:
        return next((offer for offer in self.offers if offer.grant == grant), None)


#: Reads the facts at an instant.
ReadCases = Callable[[datetime], Awaitable[CaseFacts]]
