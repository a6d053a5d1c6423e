"""What is given to customers, as scripts read it. A voucher's code is in none of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select

from admin.api.shapes.because import BecauseShape
from admin.api.shapes.people import CustomerShape, customer_shape
from admin.api.shapes.ticket import because_shape
from core.database import ReadSession
from customers.models import ChannelIdentity, Customer, Order
from tickets.models import FIRST_NUMBER
from tickets.money_models import Grant
from tickets.offers import Offered
from tickets.values import GrantKind, GrantState, Origin


class GrantShape(BaseModel):
    """`self_approved`: an owner who is alone has confirmed it by typing the amount."""

    id: int
    ticket: int | None = Field(examples=[1042])
    customer: CustomerShape
    order: str | None
    origin: Origin
    kind: GrantKind
    amount_minor: int = Field(examples=[1240])
    currency: str = Field(examples=["CNY", "PTS"])
    state: GrantState
    rule: str | None
    because: BecauseShape | None
    requested_by: str
    approved_by: str | None
    self_approved: bool
    reference: str | None
    code_last4: str | None
    expires_at: datetime | None
    created_at: datetime


class OptionShape(BaseModel):
    """`automatic`: the rules give it without asking anybody; `needs_approval`: it is beyond your limit."""

    kind: GrantKind
    amount_minor: int
    currency: str
    rule: str
    because: BecauseShape | None
    automatic: bool
    needs_approval: bool


class LimitShape(BaseModel):
    amount_minor: int
    currency: str


class BudgetShape(BaseModel):
    account: str = Field(examples=["budget:service:2026-03:CNY"])
    left_minor: int
    currency: str


class OptionsShape(BaseModel):
    """What the rules allow now, your own limits, and what the month's budgets have left."""

    options: list[OptionShape]
    limits: list[LimitShape]
    budgets: list[BudgetShape]


class VoucherShape(BaseModel):
    """What a till needs to know."""

    state: GrantState
    amount_minor: int
    currency: str
    code_last4: str | None
    expires_at: datetime | None
    usable: bool


class LedgerEntryShape(BaseModel):
    id: int
    account: str = Field(examples=["promised:12:CNY"])
    amount_minor: int
    currency: str
    compensation: int
    move: str = Field(examples=["promise"])
    at: datetime


async def grant_shapes(session: ReadSession, grants: Sequence[Grant], language: str) -> list[GrantShape]:
    customers = await _people(session, [grant.customer_id for grant in grants])
    wanted = [grant.order_id for grant in grants if grant.order_id]
    found = await session.execute(select(Order.id, Order.external_id).where(Order.id.in_(wanted)))
    orders = {row.id: row.external_id for row in found}
    return [_shape(grant, customers[grant.customer_id], orders.get(grant.order_id or 0), language) for grant in grants]


async def grant_shape(session: ReadSession, grant: Grant, language: str) -> GrantShape:
    (shape,) = await grant_shapes(session, [grant], language)
    return shape


async def _people(session: ReadSession, ids: Sequence[int]) -> dict[int, CustomerShape]:
    """Each customer; verified when some address of theirs is."""
    verified = select(ChannelIdentity).where(ChannelIdentity.customer_id.in_(ids)).order_by(ChannelIdentity.verified)
    identities = {identity.customer_id: identity for identity in await session.scalars(verified)}
    customers = await session.scalars(select(Customer).where(Customer.id.in_(ids)))
    return {customer.id: customer_shape(customer, identities.get(customer.id)) for customer in customers}


_SAME = (
    "id", "origin", "kind", "amount_minor", "currency", "state", "rule", "requested_by", "approved_by",
    "self_approved", "reference", "code_last4", "expires_at", "created_at",
)  # fmt: skip


def _shape(grant: Grant, customer: CustomerShape, order: str | None, language: str) -> GrantShape:
    same: dict[str, Any] = {name: getattr(grant, name) for name in _SAME}
    return GrantShape(
        **same,
        ticket=grant.ticket_id and grant.ticket_id + FIRST_NUMBER - 1,
        customer=customer,
        order=order,
        because=because_shape([grant.because] if grant.because else [], language),
    )


def options_shape(offered: Offered, rule_name: str, language: str) -> OptionsShape:
    """`rule_name`: the rules' edition, as in `tickets@3/`."""
    return OptionsShape(
        options=[
            OptionShape(
                kind=option.kind,
                amount_minor=option.money.amount_minor,
                currency=option.money.currency,
                rule=rule_name + option.rule,
                because=because_shape([option.because], language),
                automatic=option.automatic,
                needs_approval=option.money.amount_minor > offered.limits[option.money.currency],
            )
            for option in offered.options
        ],
        limits=[LimitShape(amount_minor=amount, currency=currency) for currency, amount in offered.limits.items()],
        budgets=[BudgetShape(account=b.account, left_minor=b.left_minor, currency=b.currency) for b in offered.budgets],
    )


def voucher_shape(grant: Grant, usable: bool) -> VoucherShape:
    return VoucherShape(
        state=grant.state,
        amount_minor=grant.amount_minor,
        currency=grant.currency,
        code_last4=grant.code_last4,
        expires_at=grant.expires_at,
        usable=usable,
    )
