"""What the contact policy asks about customers, read and locked for one claim of the outbox."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select

from conversations import follow_up_hold
from conversations.contact_policy import Address, Answer, Contact, History, Recipient
from conversations.contact_rules import ContactRules
from conversations.models import Conversation, Delivery
from conversations.values import DeliveryKind, DeliveryState, Language, Owner
from core.database import ReadSession, WriteSession
from customers import consents
from customers.consents import Standing
from customers.models import ChannelIdentity, Customer
from customers.reach import is_reachable
from customers.values import ConsentKind, ContactWish
from tickets.models import Ticket
from tickets.values import TicketKind, TicketStatus

_COUNTED = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
_ENDED = (TicketStatus.RESOLVED, TicketStatus.CLOSED)
#: Why an address is unreachable when its owner wants it so.
_SHUT_OUT = frozenset({"blocked", "deactivated"})


@dataclass(frozen=True, slots=True)
class Told:
    """Something said unasked, by the delivery that carried it."""

    delivery_id: int
    contact: Contact


@dataclass(frozen=True, slots=True)
class Person:
    """One customer: what the policy and the words need. `addresses` are by account and the channel's own id."""

    customer: Customer
    zone: ZoneInfo
    standing: Mapping[ConsentKind, Standing]
    addresses: Mapping[tuple[str, str], ChannelIdentity]
    open_complaint: bool
    with_person: bool
    told: tuple[Told, ...]
    on_hold: bool

    def recipient(self, account: str, lane: str, now: datetime) -> Recipient:
        blocked_until = self.customer.blocked_until
        return Recipient(
            zone=self.zone,
            address=address_of(self.addresses.get((account, lane)), now),
            care=answer_of(self.standing[ConsentKind.CARE]),
            promotion=answer_of(self.standing[ConsentKind.PROMOTION]),
            blocked=blocked_until is not None and blocked_until > now,
            sample=self.customer.sample,
            writes_first=self.customer.preferences.contact is ContactWish.ONLY_WHEN_I_WRITE_FIRST,
            open_complaint=self.open_complaint,
            with_person=self.with_person,
        )

    def history(self, but: int | None = None) -> History:
        """All that was told but for the delivery `but`."""
        seen = [identity.last_seen_at for identity in self.addresses.values() if identity.last_seen_at]
        contacts = tuple(told.contact for told in self.told if told.delivery_id != but)
        return History(contacts, max(seen, default=None), self.on_hold)


def address_of(identity: ChannelIdentity | None, now: datetime) -> Address:
    if identity is None:
        return Address.NONE
    if is_reachable(identity, now):
        return Address.REACHABLE
    return Address.BLOCKED if identity.unreachable_because in _SHUT_OUT else Address.GONE


def answer_of(standing: Standing) -> Answer:
    if standing.at is None:
        return Answer.NEVER_ASKED
    return Answer.YES if standing.given else Answer.NO


def name_for(customer: Customer, language: Language) -> str:
    """How the customer is addressed; empty where nothing is known. Forms of address are Chinese."""
    named = customer.form_of_address or customer.name or ""
    return named if language is Language.ZH else customer.name or named


async def lock_people(
    session: WriteSession, ids: Collection[int], rules: ContactRules, zone: ZoneInfo, now: datetime
) -> dict[int, Person]:
    """The customers among `ids` whom nobody else holds, locked: what ends a consent comes before this or after it."""
    query = (
        select(Customer)
        .where(Customer.id.in_(ids), Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))
        .order_by(Customer.id)
        .with_for_update(skip_locked=True)  # not LOCK: whoever adds a consent holds its customer too
        .execution_options(populate_existing=True)
    )
    return await read_people(session, list(await session.scalars(query)), rules, zone, now)


async def read_people(
    session: ReadSession, customers: Collection[Customer], rules: ContactRules, zone: ZoneInfo, now: datetime
) -> dict[int, Person]:
    """What is known of each of `customers`, by their ids."""
    ids = [customer.id for customer in customers]
    standing = await consents.current_of(session, ids)
    addresses = await _addresses(session, ids)
    complaining = await _complaining(session, ids)
    with_person = await _with_person(session, ids)
    told = await _told(session, ids, now - timedelta(days=rules.remembers_days))
    on_hold = await follow_up_hold.find_hold(session) is not None
    return {
        one.id: Person(
            customer=one,
            zone=_zone(one.timezone, zone),
            standing=standing[one.id],
            addresses=addresses.get(one.id, {}),
            open_complaint=one.id in complaining,
            with_person=one.id in with_person,
            told=tuple(told.get(one.id, ())),
            on_hold=on_hold,
        )
        for one in customers
    }


def _zone(name: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else otherwise
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


async def _addresses(session: ReadSession, ids: list[int]) -> dict[int, dict[tuple[str, str], ChannelIdentity]]:
    query = select(ChannelIdentity).where(ChannelIdentity.customer_id.in_(ids))
    found: dict[int, dict[tuple[str, str], ChannelIdentity]] = {}
    for identity in await session.scalars(query.execution_options(populate_existing=True)):
        found.setdefault(identity.customer_id, {})[(identity.account, identity.external_id)] = identity
    return found


async def _complaining(session: ReadSession, ids: list[int]) -> set[int]:
    is_open = (Ticket.kind == TicketKind.COMPLAINT) & Ticket.status.not_in(_ENDED)
    return set(await session.scalars(select(Ticket.customer_id).where(Ticket.customer_id.in_(ids), is_open)))


async def _with_person(session: ReadSession, ids: list[int]) -> set[int]:
    is_taken = (Conversation.owner == Owner.TAKEN) & Conversation.customer_id.in_(ids)
    return set(await session.scalars(select(Conversation.customer_id).where(is_taken)))


async def _told(session: ReadSession, ids: list[int], since: datetime) -> dict[int, list[Told]]:
    query: Any = select(
        Delivery.id, Delivery.customer_id, Delivery.admitted_at, Delivery.purpose, Delivery.survey
    ).where(
        Delivery.customer_id.in_(ids),
        Delivery.kind == DeliveryKind.FOLLOW_UP,
        Delivery.state.in_(_COUNTED),
        Delivery.admitted_at > since,
    )
    found: dict[int, list[Told]] = {}
    for row in await session.execute(query):
        contact = Contact(row.admitted_at, row.purpose, row.survey)
        found.setdefault(row.customer_id, []).append(Told(row.id, contact))
    return found
