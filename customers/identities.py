"""Who writes: the address on a channel account, and the customer behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import ReadSession, WriteSession, upsert_ignore
from customers import service
from customers.models import ChannelIdentity, Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Whoever writes from the address `external_id` on `account`, as the channel knows them.

    `customer_external_id` is the shop's own number for them; it counts when the address is verified.
    """

    account: str
    external_id: str
    verified: bool = False
    customer_external_id: str | None = None
    name: str | None = None
    language: str | None = None
    timezone: str | None = None


async def find_identity(session: ReadSession, account: str, external_id: str) -> ChannelIdentity | None:
    """The address `external_id` on `account`, if anybody ever wrote from it."""
    query = select(ChannelIdentity).where(
        ChannelIdentity.account == account, ChannelIdentity.external_id == external_id
    )
    return (await session.scalars(query)).one_or_none()


async def find_with_customer(
    session: ReadSession, account: str, external_id: str
) -> tuple[ChannelIdentity | None, Customer | None]:
    """The address and whose it is, in one look; no customer when they were erased."""
    query = select(ChannelIdentity, Customer).join(Customer, Customer.id == ChannelIdentity.customer_id)
    query = query.where(ChannelIdentity.account == account, ChannelIdentity.external_id == external_id)
    row = (await session.execute(query)).one_or_none()
    return (row[0], await service.find_customer(session, row[1].id)) if row else (None, None)


async def ensure_identity(session: WriteSession, newcomer: Newcomer, now: datetime) -> ChannelIdentity:
    """The address, made with a customer when it is new; seen now.

    Only a verified address whose customer the shop knows by number belongs to that customer from the start. An
    unverified visitor is never merged into a known customer: they get a file of their own.
    """
    identity = await find_identity(session, newcomer.account, newcomer.external_id)
    if identity is None:
        identity = await _claim_imported(session, newcomer) or await _add_identity(session, newcomer, now)
    note_seen(identity, newcomer, now)
    await session.flush()
    return identity


def note_seen(identity: ChannelIdentity, newcomer: Newcomer, now: datetime) -> None:
    """Whoever writes was seen, to the minute, and may have another name by now."""
    if identity.last_seen_at is None or now - identity.last_seen_at >= timedelta(minutes=1):
        identity.last_seen_at = now
    identity.display_name = newcomer.name or identity.display_name
    identity.verified = identity.verified or newcomer.verified


async def set_reachable(session: WriteSession, identity: ChannelIdentity, reachable: bool, because: str | None) -> None:
    """Whether messages reach this address at present, and why not."""
    identity.reachable = reachable
    identity.unreachable_because = None if reachable else because
    await session.flush()


async def _claim_imported(session: WriteSession, newcomer: Newcomer) -> ChannelIdentity | None:
    """An address that a file named before its channel met it lies under the channel's bare name; now it is known."""
    channel, _, bot = newcomer.account.partition(":")
    identity = await find_identity(session, channel, newcomer.external_id) if bot and channel == "telegram" else None
    if identity is not None:
        identity.account, identity.reachable, identity.unreachable_because = newcomer.account, True, None
    return identity


async def _add_identity(session: WriteSession, newcomer: Newcomer, now: datetime) -> ChannelIdentity:
    number = newcomer.customer_external_id if newcomer.verified else None
    customer = await _known_customer(session, number, newcomer, now) if number else _stranger(newcomer, now)
    session.add(customer)
    await session.flush()
    identity = ChannelIdentity(
        account=newcomer.account, external_id=newcomer.external_id, customer_id=customer.id, created_at=now
    )
    session.add(identity)
    return identity


async def _known_customer(session: WriteSession, number: str, newcomer: Newcomer, now: datetime) -> Customer:
    """The customer whom the shop knows by `number`; two doors that meet them at once make one file."""
    insert = upsert_ignore(Customer, session.get_bind().dialect.name).values(
        external_id=number,
        name=newcomer.name,
        language=newcomer.language,
        timezone=newcomer.timezone,
        created_at=now,
        updated_at=now,
    )
    await session.execute(insert)
    customer = (await session.scalars(select(Customer).where(Customer.external_id == number))).one()
    while customer.merged_into_id is not None:
        customer = await session.get_one(Customer, customer.merged_into_id)
    return customer


def _stranger(newcomer: Newcomer, now: datetime) -> Customer:
    return Customer(
        name=newcomer.name,
        language=newcomer.language,
        timezone=newcomer.timezone,
        created_at=now,
        updated_at=now,
    )
