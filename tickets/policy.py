"""The rules that hold now, as one value: what a ticket's promises and money are decided by."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.database import ReadSession, WriteSession
from core.rulebook import Edition, Rulebook
from core.secretbox import SecretBox
from core.shop import read_shop
from core.shop_facts import ShopFacts
from tickets.calendars import CALENDARS, CalendarRules, hours_of
from tickets.public_holidays import public_holidays
from tickets.rules import TICKETS, TicketRules
from tickets.sla import Hours
from tickets.vouchers import VoucherCodes


@dataclass(frozen=True, slots=True)
class Policy:
    """`zone` is the shop's, `currency` its own, `language` that of what staff read together."""

    tickets: Edition[TicketRules]
    calendars: Edition[CalendarRules]
    zone: ZoneInfo
    currency: str
    language: str = "zh"

    @property
    def rules(self) -> TicketRules:
        return self.tickets.rules

    def hours(self, calendar: str | None) -> Hours:
        """Of the calendar with that name; of the shop's when there is none."""
        return _hours(self.calendars.text, calendar, self.zone)

    def category_name(self, category: str | None, language: str) -> str:
        found = self.rules.find_category(category)
        return found.name.pick(language) if found else ""

    def month(self, at: datetime) -> str:
        """The month of a budget, in the shop's zone: `2026-03`."""
        return f"{at.astimezone(self.zone):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Work:
    """One change to tickets: within which transaction, by which rules, when, by whom.

    `actor` is a name of staff, or one of `customer`, `bot`, `clock`, `rules`.
    """

    session: WriteSession
    policy: Policy
    codes: VoucherCodes
    now: datetime
    actor: str


@dataclass(slots=True)
class Policies:
    """Reads the policy that holds, and begins work by it; built once by bootstrap."""

    zone: ZoneInfo
    secretbox: SecretBox
    language: str = "zh"
    rulebook: Rulebook = field(default_factory=lambda: Rulebook([TICKETS, CALENDARS]))

    async def current(self, session: ReadSession, facts: ShopFacts | None = None) -> Policy:
        """`facts` are the shop's, where they have been read already."""
        newest = await self.rulebook.newest(session, TICKETS.name, CALENDARS.name)
        tickets = await self.rulebook.edition(session, TICKETS, newest[TICKETS.name])
        calendars = await self.rulebook.edition(session, CALENDARS, newest[CALENDARS.name])
        currency = (facts or (await read_shop(session))[0]).currency
        return Policy(tickets, calendars, self.zone, currency, self.language)

    @property
    def codes(self) -> VoucherCodes:
        return VoucherCodes(self.secretbox)

    async def work(self, session: WriteSession, now: datetime, actor: str) -> Work:
        return Work(session, await self.current(session), self.codes, now, actor)


@lru_cache(maxsize=64)
def _hours(text: str, calendar: str | None, zone: ZoneInfo) -> Hours:
    return Hours.of(hours_of(CALENDARS.parse(text).named(calendar), zone, public_holidays))
