"""One batch of customers from a file: compared with what is there, then written. Nothing here commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import InstrumentedAttribute

from core.database import ReadSession, WriteSession
from customers import consents, erased
from customers.customer_form import CustomerRow, Key
from customers.models import ChannelIdentity, Consent, Customer
from customers.values import ConsentKind, Origin

#: The account of Telegram ids that a file names before the bot has met them.
TELEGRAM = "telegram"
#: Serialises imports on PostgreSQL, so that two at once find each other's customers ("cust" in ASCII).
_LOCK = 0x63757374


#: A new customer has every column, so that all of a batch go in with one statement.
_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(
        ("external_id", "name", "form_of_address", "organisation", "phone", "email", "language", "timezone")
    ),
    **dict.fromkeys(("needs", "birthday", "birthday_calendar")),
    "birthday_leap_month": False,
    "tags": [],
    "chosen": [],
}


@dataclass(slots=True)
class Choice:
    """What becomes of one row. `customer` None: a new one. `reason`: why it is left out, with `column`."""

    row: CustomerRow
    customer: Customer | None = None
    values: dict[str, Any] = field(default_factory=dict)
    consents: dict[ConsentKind, bool] = field(default_factory=dict)
    new_telegram: bool = False
    column: str | None = None
    reason: str | None = None

    @property
    def is_change(self) -> bool:
        return self.customer is None or bool(self.values or self.consents or self.new_telegram)


@dataclass(frozen=True, slots=True)
class _There:
    """What the database has of a batch."""

    by_key: Mapping[str, Sequence[Customer]]
    by_phone: Mapping[str, Sequence[Customer]]
    standing: Mapping[int, Mapping[ConsentKind, consents.Standing]]
    telegram: Mapping[str, int]
    erased: frozenset[str]


async def lock_imports(session: WriteSession) -> None:
    """Held to the end of the transaction. On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def plan_anew(session: ReadSession) -> None:
    """To the end of the transaction PostgreSQL keeps no plan of before: one that was made while the tables were empty
    reads all of them for each batch, which takes a thousand times as long at the end of a large file."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


async def decide_batch(session: ReadSession, rows: Sequence[CustomerRow], key: Key, lock: bool = False) -> list[Choice]:
    """What becomes of each row. `lock`: the customers are about to be written."""
    there = await _read(session, rows, key, lock)
    return [_decide(row, key, there) for row in rows]


async def _read(session: ReadSession, rows: Sequence[CustomerRow], key: Key, lock: bool) -> _There:
    keys = {row.key for row in rows}
    by_key = await find_customers(session, key, keys, lock)
    phones = {row.fields["phone"] for row in rows if "phone" in row.fields and row.key not in by_key}
    by_phone = await find_customers(session, Key.PHONE, phones, lock) if key is Key.EXTERNAL_ID else {}
    found = {customer.id for listed in (*by_key.values(), *by_phone.values()) for customer in listed}
    standing = await consents.current_of(session, found) if found else {}
    telegram = {row.telegram_id for row in rows if row.telegram_id}
    return _There(
        by_key=by_key,
        by_phone=by_phone,
        standing=standing,
        telegram=await _telegram_owners(session, telegram) if telegram else {},
        erased=frozenset(await erased.find_erased(session, [key for row in rows for key in _keys_of(row)])),
    )


def _keys_of(row: CustomerRow) -> list[str]:
    """What an erased person may be known by; a Telegram id counts on whatever account."""
    return [*erased.keys_of(row.fields), *([f"{TELEGRAM}:{row.telegram_id}"] if row.telegram_id else ())]


async def find_customers(
    session: ReadSession, key: Key, values: Iterable[str], lock: bool = False
) -> dict[str, list[Customer]]:
    """Living customers by key; a joined file is found by its number as the one that it went into."""
    column = key_column(key)
    query = select(Customer).where(column.in_(set(values)), Customer.erased_at.is_(None)).order_by(Customer.id)
    if key is not Key.EXTERNAL_ID:
        proven = Customer.phone_proven if key is Key.PHONE else Customer.email_proven
        query = query.where(proven, Customer.merged_into_id.is_(None))
    if lock:
        query = query.with_for_update()
    found: dict[str, list[Customer]] = {}
    for customer in await session.scalars(query, execution_options={"populate_existing": True}):
        found.setdefault(str(getattr(customer, key.value)), []).append(await _living(session, customer, lock))
    return found


async def _living(session: ReadSession, customer: Customer, lock: bool) -> Customer:
    while customer.merged_into_id is not None:
        customer = await session.get_one(
            Customer, customer.merged_into_id, with_for_update=lock or None, populate_existing=True
        )
    return customer


async def _telegram_owners(session: ReadSession, ids: Iterable[str]) -> dict[str, int]:
    query = select(ChannelIdentity).where(
        ChannelIdentity.external_id.in_(set(ids)), ChannelIdentity.account.startswith(TELEGRAM)
    )
    return {identity.external_id: identity.customer_id for identity in await session.scalars(query)}


def _decide(row: CustomerRow, key: Key, there: _There) -> Choice:
    if not there.erased.isdisjoint(_keys_of(row)):
        return Choice(row, column=key.value, reason="belongs to somebody who asked to be forgotten")
    known = there.by_key.get(row.key, ())
    if len({customer.id for customer in known}) > 1:
        return Choice(row, column=key.value, reason=f"{len(known)} customers have this {key.value}; join them first")
    customer = known[0] if known else _by_phone(row, there)
    if customer is not None and customer.erased_at is not None:
        return Choice(row, column=key.value, reason="belongs to somebody who asked to be forgotten")
    owner = there.telegram.get(row.telegram_id or "")
    if owner is not None and (customer is None or owner != customer.id):
        return Choice(row, column="telegram_id", reason="belongs to another customer already")
    return Choice(
        row=row,
        customer=customer,
        values=news(row.fields, customer, key),
        consents=_consent_news(row, there.standing.get(customer.id, {}) if customer else {}),
        new_telegram=row.telegram_id is not None and owner is None,
    )


def _by_phone(row: CustomerRow, there: _There) -> Customer | None:
    """The one customer with this phone whom the shop had no number for yet: from an order, say."""
    found = there.by_phone.get(row.fields.get("phone", ""), ())
    return found[0] if len(found) == 1 and found[0].external_id is None else None


def news(fields: Mapping[str, Any], customer: Customer | None, key: Key) -> dict[str, Any]:
    """What the file says otherwise than the customer's file, without what they chose themselves."""
    if customer is None:
        return dict(fields)
    chosen = set(customer.chosen)
    if "birthday" in chosen or ("birthday" in fields and fields["birthday"] == customer.birthday):
        same = {"birthday_calendar", "birthday_leap_month"} if "birthday" in chosen else set()
        chosen |= same
    if customer.external_id is not None and key is Key.EXTERNAL_ID:
        # Of a joined file, whose number leads here, the number stays with it.
        chosen.add("external_id")
    found = {name: value for name, value in fields.items() if name not in chosen and getattr(customer, name) != value}
    if "tags" in found:
        found["tags"] = list(dict.fromkeys([*customer.tags, *found["tags"]]))
        if found["tags"] == customer.tags:
            del found["tags"]
    return found


def _consent_news(row: CustomerRow, standing: Mapping[ConsentKind, consents.Standing]) -> dict[ConsentKind, bool]:
    return {
        kind: given
        for kind, given in row.consents.items()
        if consents.is_news(standing.get(kind, consents.NEVER_ASKED), given, by_customer=False)
    }


async def store_batch(
    session: WriteSession, choices: Sequence[Choice], key: Key, source: str, now: datetime
) -> list[int]:
    """Writes what is new or changed; the ids of all customers that the batch names."""
    accepted = [choice for choice in choices if choice.reason is None]
    made = await insert_customers(session, key, [c.values for c in accepted if c.customer is None], now)
    ids = [choice.customer.id if choice.customer else made[choice.row.key] for choice in accepted]
    for choice in accepted:
        if choice.customer is not None:
            _write(choice.customer, choice.values, now)
    await session.flush()
    said = [row for one, of in zip(accepted, ids, strict=True) for row in _consents(one, of, source, now)]
    addresses = [_telegram(of, one, now) for one, of in zip(accepted, ids, strict=True) if one.new_telegram]
    for model, rows in ((Consent, said), (ChannelIdentity, addresses)):
        if rows:
            await session.execute(insert(model), rows)
    return ids


async def insert_customers(
    session: WriteSession, key: Key, files: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, int]:
    """Makes a customer of each of `files`, all in one statement; key -> id."""
    if not files:
        return {}
    rows = [{**_EMPTY, **values, **_origins(values), "created_at": now, "updated_at": now} for values in files]
    await session.execute(insert(Customer), rows)
    column = key_column(key)
    query = select(column, Customer.id).where(column.in_({row[key.value] for row in rows}), Customer.created_at == now)
    proven = {Key.PHONE: Customer.phone_proven, Key.EMAIL: Customer.email_proven}.get(key)
    return {str(row[0]): row[1] for row in await session.execute(query if proven is None else query.where(proven))}


def key_column(key: Key) -> InstrumentedAttribute[str | None]:
    return {Key.EXTERNAL_ID: Customer.external_id, Key.PHONE: Customer.phone, Key.EMAIL: Customer.email}[key]


def _origins(values: Mapping[str, Any]) -> dict[str, Any]:
    """Where the facts are known from: a file of the shop."""
    return {
        "phone_proven": values.get("phone") is not None,
        "email_proven": values.get("email") is not None,
        "timezone_from": Origin.IMPORT if values.get("timezone") else None,
    }


def _write(customer: Customer, values: Mapping[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(customer, name, value)
    if "phone" in values:
        customer.phone_proven = True
    if "email" in values:
        customer.email_proven = True
    if "timezone" in values:
        customer.timezone_from = Origin.IMPORT
    if values:
        customer.updated_at = now


def _consents(choice: Choice, customer_id: int, source: str, now: datetime) -> Iterable[dict[str, Any]]:
    row = choice.row
    for kind, given in choice.consents.items():
        yield {
            "customer_id": customer_id,
            "kind": kind,
            "given": given,
            "source": (row.consent_source if given else None) or source,
            "by_customer": False,
            "at": (row.consent_at if given else None) or now,
            "recorded_at": now,
        }


def _telegram(customer_id: int, choice: Choice, now: datetime) -> dict[str, Any]:
    """Known and not yet reachable: a bot may write only to those who wrote first."""
    return {
        "customer_id": customer_id,
        "account": TELEGRAM,
        "external_id": str(choice.row.telegram_id),
        "verified": True,
        "reachable": False,
        "unreachable_because": "never_wrote",
        "created_at": now,
    }
