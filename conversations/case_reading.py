"""Reads what a step wants to know of the customer's tickets, before the transaction that answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conversations import repository
from conversations.case_facts import Case, CaseFacts, OpenOffer, OwnVoucher, Writer
from conversations.customer_facts import Purchase
from core.database import Database, ReadSession
from core.money import Money
from core.shop_facts import ShopFacts
from customers import identities, orders
from customers.models import Order
from tickets import redemption
from tickets import repository as ticket_repository
from tickets.models import FIRST_NUMBER, Ticket
from tickets.money_models import Grant
from tickets.policy import Policies
from tickets.service import answer_by
from tickets.values import GrantKind, GrantState
from tickets.vouchers import VoucherCodes

#: How many cases are shown, and orders offered to choose from.
_CASES, _ORDERS = 8, 3
#: Causes by which nobody can say that it was our fault.
_NOT_OURS = (None, "customer", "unknown")
#: An order is recent for so long.
_RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class CaseReader:
    """Reads for one visitor of an account; `writer` is what was read of them already."""

    database: Database
    policies: Policies
    account: str
    external_id: str
    shop: ShopFacts
    writer: Writer | None = None

    async def read(self, now: datetime) -> CaseFacts:
        async with self.database.read() as session:
            policy = await self.policies.current(session, self.shop)
            rules, on_duty = policy.rules, policy.hours(None).open.is_open(now)
            writer = self.writer or await _find_writer(session, self.account, self.external_id)
            if writer is None:
                return CaseFacts(rules, zone=self.policies.zone, on_duty=on_duty)
            facts = CaseFacts(
                rules=rules,
                orders=await _bought(session, writer, now),
                zone=writer.zone or self.policies.zone,
                answer_by=writer.answer_by,
                on_duty=on_duty,
            )
            return await self._with_cases(session, writer, facts, now) if writer.has_cases else facts

    async def _with_cases(self, session: ReadSession, writer: Writer, facts: CaseFacts, now: datetime) -> CaseFacts:
        tickets = await ticket_repository.list_open_and_newest(session, writer.customer_id, _CASES)
        told = {writer.ticket_id: writer.answer_by} if writer.answer_by and writer.answer_by > now else {}
        live = [ticket for ticket in tickets if ticket.status.is_live]
        owned = await redemption.list_owned(session, writer.customer_id, now)
        issued = [one for one in owned if one.state is GrantState.ISSUED]
        return replace(
            facts,
            cases=tuple([await _case(session, ticket, told.get(ticket.id)) for ticket in tickets]),
            current=next((ticket.number for ticket in live if ticket.id == writer.ticket_id), None),
            offers=tuple([await open_offer(session, one) for one in owned if one.state is GrantState.OFFERED]),
            vouchers=_vouchers(issued, self.policies.codes),
            points=_points(issued),
        )


async def _find_writer(session: ReadSession, account: str, external_id: str) -> Writer | None:
    """Whoever has the address, before their first word here or after their file has moved."""
    identity, customer = await identities.find_with_customer(session, account, external_id)
    if identity is None:
        return None
    conversation = await repository.find_conversation(session, account, external_id)
    return Writer(
        customer_id=identity.customer_id,
        verified=identity.verified,
        zone=ZoneInfo(customer.timezone) if customer and customer.timezone else None,
        ticket_id=conversation.ticket_id if conversation else None,
        answer_by=conversation.answer_by if conversation else None,
    )


async def _case(session: ReadSession, ticket: Ticket, told: datetime | None) -> Case:
    """`told`: the time that stands above the conversation, which the case does not contradict."""
    order = await session.get(Order, ticket.order_id) if ticket.order_id else None
    due = told or await answer_by(session, ticket) if ticket.status.is_live else None
    return Case(
        number=ticket.number,
        kind=ticket.kind,
        status=ticket.status,
        subject=ticket.subject,
        order=order.external_id if order else None,
        answer_by=due,
        resolution=ticket.resolution,
        score_at=ticket.score_at,
    )


async def open_offer(session: ReadSession, grant: Grant) -> OpenOffer:
    """The grant as its customer is told of it."""
    ticket = await session.get(Ticket, grant.ticket_id) if grant.ticket_id else None
    return OpenOffer(
        grant=grant.id,
        case=grant.ticket_id + FIRST_NUMBER - 1 if grant.ticket_id else None,
        kind=grant.kind,
        money=Money(grant.amount_minor, grant.currency),
        until=grant.expires_at,
        knows_cause=ticket is not None and ticket.root_cause not in _NOT_OURS,
        valid_days=grant.valid_days,
    )


def _vouchers(issued: Sequence[Grant], codes: VoucherCodes) -> tuple[OwnVoucher, ...]:
    return tuple(
        OwnVoucher(codes.placeholder(one.id), Money(one.amount_minor, one.currency), one.expires_at)
        for one in issued
        if one.kind is GrantKind.VOUCHER
    )


def _points(issued: Sequence[Grant]) -> int:
    return sum(one.amount_minor for one in issued if one.kind is GrantKind.POINTS)


async def _bought(session: ReadSession, writer: Writer, now: datetime) -> tuple[Purchase, ...]:
    """Shown to nobody who has not proven who they are."""
    if not writer.verified:
        return ()
    newest = await orders.list_of_customer(session, writer.customer_id, _ORDERS)
    recent = [order for order in newest if order.placed_at is None or now - order.placed_at <= _RECENT]
    return tuple(Purchase(orders.parcel_facts(order), order.product) for order in recent)
