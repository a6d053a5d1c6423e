"""Reads what a step wants to know of the customer, before the transaction that answers."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conversations import carrying
from conversations.customer_facts import Check, CustomerFacts, Given, Profile, Purchase
from conversations.values import Language
from core.database import Database, ReadSession
from core.errors import InvalidInput, LimitExceeded
from core.rulebook import Rulebook
from customers import codes, consents, identities, orders, service
from customers.birthdays import parse_birthday
from customers.contacts import parse_phone
from customers.models import ChannelIdentity, Customer, Order
from customers.segment_rules import SEGMENTS, benefits
from customers.values import ConsentKind, ContactWish, Origin

_NEWEST = 5


class CustomerReader:
    """Reads for one batch of one visitor. Wrong tries of the batch itself count, though they are not written yet."""

    def __init__(self, database: Database, rulebook: Rulebook, account: str, external_id: str, zone: ZoneInfo) -> None:
        self._database = database
        self._rulebook = rulebook
        self._account = account
        self._external_id = external_id
        self._zone = zone
        self._wrong_tries = 0

    async def read(self, given: Given | None, now: datetime) -> CustomerFacts:
        async with self._database.read() as session:
            identity, customer = await identities.find_with_customer(session, self._account, self._external_id)
            check, proven = await self._check(session, identity, given, now)
            facts = await self._file(session, identity, customer, check, proven)
            if check is Check.FITS and given is not None and given.phone is not None:
                facts = replace(facts, orders=await _orders_by_phone(session, identity, given.phone))
            if check is Check.FITS and given is not None and given.code is not None:
                facts = replace(facts, carried=await carrying.read(session, given.code, self._account))
        self._wrong_tries += check is Check.WRONG and bool(given and given.digits)
        return facts

    async def _file(
        self,
        session: ReadSession,
        identity: ChannelIdentity | None,
        customer: Customer | None,
        check: Check | None,
        proven: Order | None,
    ) -> CustomerFacts:
        recognised = bool(identity and identity.verified and customer)
        allowed = await consents.current(session, customer.id) if customer else {}
        care = allowed.get(ConsentKind.CARE, consents.NEVER_ASKED)
        bought = await _purchases(session, customer) if recognised and customer else ()
        declined = care.by_customer and not care.given
        return CustomerFacts(
            recognised=recognised,
            profile=await self._profile(session, customer) if customer else Profile(),
            birthday=parse_birthday(customer.birthday, customer.birthday_calendar, customer.birthday_leap_month)
            if customer and customer.birthday
            else None,
            # Only who has bought something: to others the question would come out of the blue.
            may_ask_birthday=bool(bought and customer and service.may_ask_birthday(customer) and not declined),
            zone=self._zone_of(customer),
            care=care.given,
            promotion=allowed.get(ConsentKind.PROMOTION, consents.NEVER_ASKED).given,
            has_orders=await session.scalar(select(Order.id).limit(1)) is not None,
            orders=bought,
            check=check,
            proven=orders.parcel_facts(proven) if proven else None,
        )

    async def _profile(self, session: ReadSession, customer: Customer) -> Profile:
        rules = (await self._rulebook.current(session, SEGMENTS)).rules
        told = {language: benefits(rules, customer.tier, language) or "" for language in Language}
        name, _, host = (customer.email or "").partition("@")
        return Profile(
            name=customer.form_of_address or customer.name or "",
            phone=customer.phone[-4:] if customer.phone else "",
            email=f"{name[:1]}***@{host}" if host else "",
            organisation=customer.organisation or "",
            needs=customer.needs or "",
            writes_first=customer.preferences.contact is ContactWish.ONLY_WHEN_I_WRITE_FIRST,
            zone_from=(customer.timezone_from or Origin.IMPORT) if customer.timezone else None,
            tier=customer.tier,
            benefits={language: words for language, words in told.items() if words},
        )

    def _zone_of(self, customer: Customer | None) -> ZoneInfo:
        return ZoneInfo(customer.timezone) if customer and customer.timezone else self._zone

    async def _check(
        self, session: ReadSession, identity: ChannelIdentity | None, given: Given | None, now: datetime
    ) -> tuple[Check | None, Order | None]:
        if given is None:
            return None, None
        if given.code is not None:
            return await _check_code(session, identity, given.code, now)
        if given.phone is not None:
            return await _check_phone(session, identity, given.phone), None
        if given.number is None or given.digits is None:
            return None, None
        return await self._check_order(session, identity, given.number, given.digits, now)

    async def _check_order(
        self, session: ReadSession, identity: ChannelIdentity | None, number: str, digits: str, now: datetime
    ) -> tuple[Check, Order | None]:
        subjects = codes.proof_subjects(identity, number)
        try:
            order = await codes.check_proof(session, subjects, number, digits, now, self._wrong_tries)
        except LimitExceeded:
            return Check.TOO_MANY, None
        return (Check.FITS, order) if order else (Check.WRONG, None)


async def _check_code(
    session: ReadSession, identity: ChannelIdentity | None, code: str, now: datetime
) -> tuple[Check, Order | None]:
    """With the order that the code was made for."""
    try:
        row = await codes.check_code(session, identity, code, now)
    except codes.CodeInvalid:
        return Check.WRONG, None
    except codes.CannotJoin:
        return Check.REFUSED, None
    return Check.FITS, await session.get(Order, row.order_id) if row.order_id else None


async def _orders_by_phone(session: ReadSession, identity: ChannelIdentity | None, phone: str) -> tuple[Purchase, ...]:
    """Of the customer whom the writer is about to be recognised as."""
    found = await codes.find_by_phone(session, identity, parse_phone("+" + phone.lstrip("+")))
    return await _purchases(session, found) if found else ()


async def _purchases(session: ReadSession, customer: Customer) -> tuple[Purchase, ...]:
    bought = await orders.list_of_customer(session, customer.id, _NEWEST)
    return tuple(Purchase(orders.parcel_facts(order), order.product) for order in bought)


async def _check_phone(session: ReadSession, identity: ChannelIdentity | None, phone: str) -> Check:
    try:
        number = parse_phone("+" + phone.lstrip("+"))
    except InvalidInput:
        return Check.WRONG
    return Check.FITS if await codes.find_by_phone(session, identity, number) else Check.WRONG
