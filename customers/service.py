"""The file of one customer: making, reading and changing it. Nothing here commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core import signals
from core.database import LOCK, ReadSession, WriteSession
from core.errors import Conflict, InvalidInput, NotFound
from customers import erased
from customers.models import ChannelIdentity, Customer
from customers.profile import ProfileChanges
from customers.values import BirthdayQuestion, Origin
from staff import audit

#: Fields that an import leaves alone once the customer has set them.
_CHOOSABLE = frozenset({"name", "form_of_address", "language", "timezone", "birthday", "phone", "email"})
_BIRTHDAY_PARTS = frozenset({"birthday_calendar", "birthday_leap_month"})


class CustomerNotFound(NotFound):
    """There is no such customer, or they were erased."""

    code = "customer_not_found"


class CustomerChanged(Conflict):
    """Somebody else wrote the file since it was read."""

    code = "stale_version"


class ExternalIdTaken(Conflict):
    """Another customer has that number."""

    code = "external_id_taken"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a file, and from where they know what they write."""

    name: str
    origin: Origin


async def find_customer(session: ReadSession, customer_id: int) -> Customer | None:
    """The customer; of a joined file the one it was joined into; None when there is none or they were erased."""
    customer = await session.get(Customer, customer_id)
    while customer is not None and customer.merged_into_id is not None:
        customer = await session.get(Customer, customer.merged_into_id)
    return None if customer is None or customer.erased_at is not None else customer


async def get_customer(session: ReadSession, customer_id: int) -> Customer:
    """Raises CustomerNotFound."""
    customer = await find_customer(session, customer_id)
    if customer is None:
        raise CustomerNotFound(f"there is no customer {customer_id}")
    return customer


async def lock_customer(session: WriteSession, customer_id: int) -> Customer:
    """The customer as they are now, locked to the end of the transaction. Raises CustomerNotFound."""
    await session.flush()
    found = await session.get(Customer, customer_id, with_for_update=LOCK, populate_existing=True)
    if found is not None and found.merged_into_id is not None:
        return await lock_customer(session, found.merged_into_id)
    if found is None or found.erased_at is not None:
        raise CustomerNotFound(f"there is no customer {customer_id}")
    return found


async def find_by_external_id(session: ReadSession, external_id: str) -> Customer | None:
    customer = await session.scalar(select(Customer).where(Customer.external_id == external_id))
    return None if customer is None else await find_customer(session, customer.id)


async def list_by_contact(
    session: ReadSession, *, phone: str | None = None, email: str | None = None
) -> list[Customer]:
    """Living files with this proven phone number (E.164) or e-mail address, oldest first.

    What a visitor merely typed recognises nobody: otherwise whoever types your number would get your orders.
    """
    query = select(Customer).where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))
    if phone is not None:
        query = query.where(Customer.phone == phone, Customer.phone_proven)
    if email is not None:
        query = query.where(Customer.email == email, Customer.email_proven)
    return list(await session.scalars(query.order_by(Customer.id).limit(50)))


async def list_identities(session: ReadSession, customer_id: int) -> list[ChannelIdentity]:
    query = select(ChannelIdentity).where(ChannelIdentity.customer_id == customer_id).order_by(ChannelIdentity.id)
    return list(await session.scalars(query))


async def create_customer(
    session: WriteSession, changes: ProfileChanges, by: Writer, now: datetime
) -> tuple[Customer, bool]:
    """A new customer, and True; with an `external_id` that exists the known one with `changes` written, and False.

    Raises:
        erased.WasErased: that person asked to be forgotten.
    """
    values = changes.values()
    await erased.refuse_erased(session, erased.keys_of(values))
    if changes.external_id is not None:
        known = await find_by_external_id(session, changes.external_id)
        if known is not None:
            # A file that was joined with another is found by its number, and keeps it for an undo.
            values.pop("external_id")
            return await write(session, known, values, by, now), False
    customer = Customer(created_at=now, updated_at=now, chosen=[], **values)
    _remember_origin(customer, set(values), set(values), by.origin)
    session.add(customer)
    await session.flush()
    audit.record(session, actor=by.name, action="customers.add", object=f"customer:{customer.id}", now=now)
    return customer, True


async def change_customer(
    session: WriteSession, customer_id: int, version: int | None, changes: ProfileChanges, by: Writer, now: datetime
) -> Customer:
    """Writes `changes`. `version` None: whatever the present one is (the customer's own hand).

    Raises:
        CustomerNotFound
        CustomerChanged: the file is not at `version` any more.
        ExternalIdTaken
    """
    customer = await lock_customer(session, customer_id)
    if version is not None and version != customer.version:
        raise CustomerChanged(
            f"customer {customer.id} is at version {customer.version} by now, not {version}; read it again"
        )
    return await write(session, customer, changes.values(), by, now)


async def write(
    session: WriteSession, customer: Customer, values: Mapping[str, Any], by: Writer, now: datetime
) -> Customer:
    """Sets what differs, remembers what the customer chose, and records the names of the fields, not what they say."""
    if values.get("external_id", customer.external_id) != customer.external_id and values.get("external_id"):
        other = await session.scalar(select(Customer.id).where(Customer.external_id == values["external_id"]))
        if other is not None and other != customer.id:
            raise ExternalIdTaken(f"customer {other} has the number {values['external_id']!r} already")
    changed = {name for name, value in values.items() if getattr(customer, name) != value}
    for name in changed:
        setattr(customer, name, values[name])
    _remember_origin(customer, set(values), changed, by.origin)
    if changed:
        customer.updated_at = now
        await session.flush()
        fields = dict.fromkeys(sorted(changed - _BIRTHDAY_PARTS), (None, "changed"))
        audit.record(
            session, actor=by.name, action="customers.change", object=f"customer:{customer.id}", now=now, changes=fields
        )
        session.signal(signals.CUSTOMERS, customer.id)
    return customer


def _remember_origin(customer: Customer, given: set[str], changed: set[str], origin: Origin) -> None:
    if "timezone" in changed:
        customer.timezone_from = origin if customer.timezone else None
    for contact in given & {"phone", "email"}:
        setattr(customer, f"{contact}_proven", origin is not Origin.CUSTOMER and getattr(customer, contact) is not None)
    if "birthday" in changed and customer.birthday:
        customer.birthday_question = BirthdayQuestion.ANSWERED
    if origin in (Origin.CUSTOMER, Origin.AGENT) and (chosen := given & _CHOOSABLE - set(customer.chosen)):
        customer.chosen = sorted({*customer.chosen, *chosen})


async def note_timezone(session: WriteSession, customer: Customer, timezone: str, now: datetime) -> None:
    """What a channel says of the zone, unless something better is known: the customer's word, staff, an import."""
    if customer.timezone_from in (None, Origin.CHANNEL) or customer.timezone is None:
        values = ProfileChanges(timezone=timezone).values()
        await write(session, customer, values, Writer("channel", Origin.CHANNEL), now)


async def mark_birthday_question(
    session: WriteSession, customer_id: int, what: BirthdayQuestion, now: datetime
) -> Customer:
    """Remembers that the birthday was asked for, or declined, which ends the asking for good."""
    customer = await lock_customer(session, customer_id)
    if customer.birthday_question is BirthdayQuestion.DECLINED and what is BirthdayQuestion.ASKED:
        raise InvalidInput("this customer does not want to be asked for the birthday")
    customer.birthday_question, customer.updated_at = what, now
    return customer


def may_ask_birthday(customer: Customer) -> bool:
    """Whether the birthday may be asked for: not known, never asked before."""
    return customer.birthday is None and customer.birthday_question is None
