"""The customer's file: who they are, where they write from, what they allow and what they bought."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import DELETE, ERASE, KEEP, NONE, Json, JsonColumn, enum_column
from core.database import Base, BigId
from customers.values import (
    BirthdayCalendar,
    BirthdayQuestion,
    ConsentKind,
    NoteKind,
    OrderStatus,
    Origin,
    Preferences,
    Stage,
    Tier,
)


class Customer(Base):
    """One person. `external_id` is the shop's own number for them; `sample` marks the sample shop's people.

    `phone_proven`, `email_proven`: told by the shop, staff or the channel, and not merely typed by a visitor; only such
    contacts recognise people. `chosen` names the fields that the customer set themselves: no import changes those.
    `merged_into_id`: this file was joined with another one, which holds everything but what undoing needs.
    `erased_at`: nobody is behind it any more.
    """

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(120), unique=True, info=ERASE)
    name: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    form_of_address: Mapped[str | None] = mapped_column(String(80), info=ERASE)
    organisation: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    language: Mapped[str | None] = mapped_column(String(8), info=ERASE)
    timezone: Mapped[str | None] = mapped_column(String(64), info=ERASE)
    timezone_from: Mapped[Origin | None] = mapped_column(enum_column(Origin))
    birthday: Mapped[str | None] = mapped_column(String(10), info=ERASE)
    birthday_calendar: Mapped[BirthdayCalendar | None] = mapped_column(enum_column(BirthdayCalendar))
    birthday_leap_month: Mapped[bool] = mapped_column(default=False)
    birthday_question: Mapped[BirthdayQuestion | None] = mapped_column(enum_column(BirthdayQuestion))
    phone: Mapped[str | None] = mapped_column(String(32), index=True, info=ERASE)
    phone_proven: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str | None] = mapped_column(String(254), index=True, info=ERASE)
    email_proven: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]] = mapped_column(default=list, info=ERASE)
    preferences: Mapped[Preferences] = mapped_column(Json(Preferences), default=Preferences, info=ERASE)
    needs: Mapped[str | None] = mapped_column(Text, info=ERASE)
    chosen: Mapped[list[str]] = mapped_column(default=list, info=NONE)
    tier: Mapped[Tier] = mapped_column(enum_column(Tier), default=Tier.STANDARD, index=True)
    stage: Mapped[Stage | None] = mapped_column(enum_column(Stage), index=True)
    blocked_until: Mapped[datetime | None]
    blocked_because: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    sample: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True, info=NONE)
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the base class declares it so


class ChannelIdentity(Base):
    """An address on one channel account (`telegram:BOT`, `web`). Verified: proven by import, signature, code or key."""

    __tablename__ = "channel_identity"
    __table_args__ = (UniqueConstraint("account", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    account: Mapped[str] = mapped_column(String(120), info=NONE)
    external_id: Mapped[str] = mapped_column(String(200), info=ERASE)
    display_name: Mapped[str | None] = mapped_column(String(200), info=ERASE)
    verified: Mapped[bool] = mapped_column(default=False)
    reachable: Mapped[bool] = mapped_column(default=True)
    unreachable_because: Mapped[str | None] = mapped_column(String(40), info=NONE)
    last_seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Consent(Base):
    """One answer of a customer to one kind of message. Append-only: the newest row of a kind holds.

    `by_customer`: their own word, which no import and no agent's upload overrides.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_customer_kind", "customer_id", "kind"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[ConsentKind] = mapped_column(enum_column(ConsentKind))
    given: Mapped[bool]
    source: Mapped[str] = mapped_column(String(200), info=ERASE)
    by_customer: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class Order(Base):
    """A purchase, known by the shop's own number. Amounts are in minor units of `currency`.

    `imported`: it came from a file, so nothing that happened before `created_at` sets anything off.
    """

    __tablename__ = "order"
    __table_args__ = (
        Index("ix_order_customer_id_placed_at", "customer_id", "placed_at"),
        Index("ix_order_status_updated_at", "status", "updated_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    external_id: Mapped[str] = mapped_column(String(120), unique=True, info=ERASE)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    product: Mapped[str | None] = mapped_column(String(400), info=ERASE)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JsonColumn, default=list, info=ERASE)
    category: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    amount_minor: Mapped[int | None] = mapped_column(BigInteger, info=KEEP)
    currency: Mapped[str | None] = mapped_column(String(3), info=KEEP)
    status: Mapped[OrderStatus] = mapped_column(enum_column(OrderStatus), default=OrderStatus.PLACED)
    carrier: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    tracking_no: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    placed_at: Mapped[datetime | None] = mapped_column(index=True)
    expected_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None] = mapped_column(index=True)
    region: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    channel: Mapped[str | None] = mapped_column(String(120), info=ERASE)
    imported: Mapped[bool] = mapped_column(default=False)
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CustomerNote(Base):
    """What staff wrote into the timeline: a call, a visit, a wish, a note."""

    __tablename__ = "customer_note"
    __table_args__ = {"info": DELETE}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[NoteKind] = mapped_column(enum_column(NoteKind))
    text: Mapped[str] = mapped_column(Text, info=ERASE)
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
