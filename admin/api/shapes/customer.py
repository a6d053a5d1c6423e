"""A customer's file as the API shows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select

from core.database import ReadSession
from customers import consents
from customers.consents import Standing
from customers.models import ChannelIdentity, Consent, Customer
from customers.reach import is_reachable
from customers.timeline import Happening
from customers.values import BirthdayCalendar, ConsentKind, Origin, Preferences, Stage, Tier
from tickets import satisfaction


class IdentityShape(BaseModel):
    """`verified`: that this address is theirs has been proven."""

    account: str = Field(examples=["telegram:tea_bot"])
    id: str
    verified: bool
    reachable: bool
    last_seen_at: datetime | None


class ConsentShape(BaseModel):
    """`at` null: nobody has asked yet."""

    given: bool
    source: str | None
    at: datetime | None


class ConsentsShape(BaseModel):
    care: ConsentShape
    promotion: ConsentShape


class FileShape(BaseModel):
    """What is known of a customer. `birthday` is `YYYY-MM-DD` or `MM-DD` in its own calendar. `at_risk`: they gave less
    than five for their last case.
    """

    id: int
    external_id: str | None
    name: str | None
    form_of_address: str | None
    organisation: str | None
    language: str | None
    timezone: str | None
    timezone_from: Origin | None
    birthday: str | None
    birthday_calendar: BirthdayCalendar | None
    birthday_leap_month: bool
    phone: str | None
    email: str | None
    tags: list[str]
    needs: str | None
    preferences: Preferences
    tier: Tier
    stage: Stage | None
    identities: list[IdentityShape]
    consents: ConsentsShape
    blocked_until: datetime | None
    at_risk: bool
    version: int


#: What the shape takes over as it is in the file.
_PLAIN = tuple(name for name in FileShape.model_fields if name not in ("identities", "consents", "at_risk"))


class ConsentHistoryShape(BaseModel):
    """One answer; `by_customer` false: it came from a file."""

    kind: ConsentKind
    given: bool
    source: str
    by_customer: bool
    at: datetime


class ConsentsWithHistory(ConsentsShape):
    """What holds, and every answer, newest first."""

    history: list[ConsentHistoryShape]


class HappeningShape(BaseModel):
    """One line of a timeline; `data` depends on the kind."""

    at: datetime
    kind: str = Field(examples=["order", "message", "consent", "call"])
    text: str | None
    actor: str | None
    data: dict[str, Any]


async def file_shapes(session: ReadSession, customers: Sequence[Customer], now: datetime) -> list[FileShape]:
    ids = [customer.id for customer in customers]
    standing = await consents.current_of(session, ids)
    query = select(ChannelIdentity).where(ChannelIdentity.customer_id.in_(ids)).order_by(ChannelIdentity.id)
    identities = list(await session.scalars(query))
    at_risk = await satisfaction.list_at_risk(session, ids)
    return [
        FileShape(
            **{name: getattr(customer, name) for name in _PLAIN},
            identities=[_identity_shape(one, now) for one in identities if one.customer_id == customer.id],
            consents=consents_shape(standing[customer.id]),
            at_risk=customer.id in at_risk,
        )
        for customer in customers
    ]


async def file_shape(session: ReadSession, customer: Customer, now: datetime) -> FileShape:
    (shape,) = await file_shapes(session, [customer], now)
    return shape


def _identity_shape(identity: ChannelIdentity, now: datetime) -> IdentityShape:
    return IdentityShape(
        account=identity.account,
        id=identity.external_id,
        verified=identity.verified,
        reachable=is_reachable(identity, now),
        last_seen_at=identity.last_seen_at,
    )


def consents_shape(standing: dict[ConsentKind, Standing]) -> ConsentsShape:
    return ConsentsShape(care=_consent(standing[ConsentKind.CARE]), promotion=_consent(standing[ConsentKind.PROMOTION]))


def _consent(standing: Standing) -> ConsentShape:
    return ConsentShape(given=standing.given, source=standing.source, at=standing.at)


async def consents_with_history(session: ReadSession, customer_id: int) -> ConsentsWithHistory:
    standing = consents_shape(await consents.current(session, customer_id))
    history = [_history(row) for row in await consents.list_history(session, customer_id)]
    return ConsentsWithHistory(care=standing.care, promotion=standing.promotion, history=history)


def _history(row: Consent) -> ConsentHistoryShape:
    return ConsentHistoryShape(
        kind=row.kind, given=row.given, source=row.source, by_customer=row.by_customer, at=row.at
    )


def happening_shape(happening: Happening) -> HappeningShape:
    return HappeningShape(
        at=happening.at, kind=happening.kind, text=happening.text, actor=happening.actor, data=happening.data
    )
