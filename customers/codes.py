"""One-time codes that recognise people, and order facts for those who can prove that an order is theirs.

Nothing here commits. Codes are kept as hashes, end after a time and work once.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.database import ReadSession, WriteSession
from core.errors import Conflict, LimitExceeded, NotFound
from core.ids import hash_token
from customers import orders, service
from customers.code_models import OneTimeCode, ProofTry
from customers.merge import join_identity, join_known, may_be_one, proof_of
from customers.models import ChannelIdentity, Customer, Order
from customers.values import CodePurpose

START_LASTS = timedelta(days=180)
LINK_LASTS = timedelta(minutes=15)
MAX_TRIES = 5
TRIES_COUNT_FOR = timedelta(hours=24)
#: No 0/O, 1/I/L: people read these aloud. 26 characters of 31 carry 128 bits and fit Telegram's 64 for /start.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 26
_BY_IDENTITY = "identity:"


class CodeInvalid(NotFound):
    """The code is wrong, was used, or has ended. Which one is told to nobody."""

    code = "code_invalid"


class CannotJoin(Conflict):
    """These two may not become one: one side has not proven who they are."""

    code = "cannot_join"


class NotProven(NotFound):
    """No order of that number, or the digits do not fit. Which one is told to nobody."""

    code = "not_proven"


@dataclass(frozen=True, slots=True)
class NewCode:
    """Shown once. `code` is what the customer brings."""

    code: str
    expires_at: datetime


async def invite(
    session: WriteSession, customer_id: int, *, by: str, now: datetime, order_id: int | None = None
) -> NewCode:
    """A personal start code: who opens it first is this customer, with this order at hand."""
    customer = await service.get_customer(session, customer_id)
    return _add(session, customer.id, CodePurpose.START, True, by, now, START_LASTS, order_id)


async def start_link(
    session: WriteSession, identity: ChannelIdentity, now: datetime, purpose: CodePurpose = CodePurpose.LINK
) -> NewCode:
    """A code that this customer enters on a second channel. It passes on what this side has proven, and no more.

    With the purpose `carry` the talk goes on there, and what waits for an answer with it.
    """
    by = f"{_BY_IDENTITY}{identity.id}"
    return _add(session, identity.customer_id, purpose, identity.verified, by, now, LINK_LASTS, None)


def _add(
    session: WriteSession,
    customer_id: int,
    purpose: CodePurpose,
    verified: bool,
    by: str,
    now: datetime,
    lasts: timedelta,
    order_id: int | None,
) -> NewCode:
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    session.add(
        OneTimeCode(
            code_hash=hash_token(code),
            purpose=purpose,
            customer_id=customer_id,
            order_id=order_id,
            verified=verified,
            created_by=by,
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return NewCode(code, now + lasts)


@dataclass(frozen=True, slots=True)
class Joined:
    """Whom the code made of the identity, the order that it was made for, and the identity whose talk goes on here."""

    customer_id: int
    order_id: int | None
    carries: int | None = None


async def redeem(session: WriteSession, identity: ChannelIdentity, code: str, now: datetime) -> Joined:
    """Makes the identity the code's customer. What it said before comes along, as it proved to be theirs.

    A side that is proven already brings its whole file along.

    Raises:
        CodeInvalid
        CannotJoin: the identity has proven to be somebody else already, or the code comes from an unproven visitor.
    """
    row = await check_code(session, identity, code, now, lock=True)
    customer = await service.get_customer(session, row.customer_id)
    row.used_at, row.used_by_id = now, identity.id
    if identity.verified and identity.customer_id != customer.id:
        return Joined(await join_known(session, identity, customer, now), row.order_id, carried_by(row))
    identity.verified = identity.verified or row.verified
    await join_identity(session, identity, customer, now)
    return Joined(customer.id, row.order_id, carried_by(row))


def carried_by(code: OneTimeCode) -> int | None:
    """The identity whose talk goes on where the code is brought."""
    return int(code.created_by.removeprefix(_BY_IDENTITY)) if code.purpose is CodePurpose.CARRY else None


async def find_carried(session: ReadSession, code: str) -> int | None:
    """The same, by the code as it was typed; None for any other code."""
    row = await session.scalar(select(OneTimeCode).where(OneTimeCode.code_hash == hash_token(clean_code(code))))
    return carried_by(row) if row else None


async def check_code(
    session: ReadSession, identity: ChannelIdentity | None, code: str, now: datetime, *, lock: bool = False
) -> OneTimeCode:
    """The code, if it may make `identity` (None: somebody new) its customer. Used again by the same one it still may.

    Raises:
        CodeInvalid
        CannotJoin
    """
    query = select(OneTimeCode).where(OneTimeCode.code_hash == hash_token(clean_code(code)))
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None or row.expires_at <= now or (row.used_at is not None and not _is_own(row, identity)):
        raise CodeInvalid("this code is not valid (any more); ask for a new one")
    customer = await service.get_customer(session, row.customer_id)
    if identity is not None and identity.verified and identity.customer_id != customer.id:
        is_own_code = row.purpose is not CodePurpose.START and row.verified
        if not is_own_code or not await may_be_one(session, identity.customer_id, customer):
            raise CannotJoin("this side is proven to be another customer already")
    if not row.verified and (await proof_of(session, customer)).known:
        raise CodeInvalid("this code is not valid any more; ask for a new one")
    return row


def _is_own(row: OneTimeCode, identity: ChannelIdentity | None) -> bool:
    return identity is not None and row.used_by_id == identity.id


def clean_code(text: str) -> str:
    """As it was made, however it was typed: in small letters, with spaces or dashes."""
    return "".join(text.split()).replace("-", "").upper()


async def recognise_phone(
    session: WriteSession, identity: ChannelIdentity, phone: str, now: datetime
) -> Customer | None:
    """Joins an identity whose own phone number the channel vouches for to the one customer who has it.

    None, and nothing changed: nobody has it, several have it, or the identity is proven to be somebody already.
    """
    found = await find_by_phone(session, identity, phone)
    if found is None:
        return None
    identity.verified = True
    await join_identity(session, identity, found, now)
    return found


async def find_by_phone(session: ReadSession, identity: ChannelIdentity | None, phone: str) -> Customer | None:
    """The one customer who has this proven number, unless the identity is proven to be somebody else."""
    found = await service.list_by_contact(session, phone=phone)
    if len(found) != 1 or (identity is not None and identity.verified and identity.customer_id != found[0].id):
        return None
    return found[0]


async def prove_order(
    session: WriteSession, identity: ChannelIdentity, number: str, last_four: str, now: datetime
) -> Order | None:
    """The order, for its facts only, if the last four digits of its customer's phone fit. None: not proven.

    Each wrong try counts for the asker and for the order, and must be committed: so it is no error.

    Raises:
        LimitExceeded: five wrong tries within a day.
    """
    subjects = proof_subjects(identity, number)
    order = await check_proof(session, subjects, number, last_four, now)
    if order is None:
        await record_try(session, subjects, now)
    return order


def proof_subjects(identity: ChannelIdentity | None, number: str) -> tuple[str, ...]:
    """Whose wrong tries are counted: the asker's, and all that were made at this order."""
    of_order = f"order:{hash_token(number.strip().lower())[:32]}"
    return (of_order,) if identity is None else (f"identity:{identity.id}", of_order)


async def check_proof(
    session: ReadSession, subjects: tuple[str, ...], number: str, last_four: str, now: datetime, unwritten: int = 0
) -> Order | None:
    """The order if the digits fit; None: they do not. `unwritten`: wrong tries that are not in the database yet.

    Raises:
        LimitExceeded: five wrong tries within a day.
    """
    await check_tries(session, subjects, now, unwritten)
    order = await orders.find_order(session, number.strip())
    customer = await service.find_customer(session, order.customer_id) if order else None
    phone = customer.phone if customer else None
    if order is not None and phone and hmac.compare_digest(phone[-4:].encode(), last_four.strip().encode()):
        return order
    return None


async def record_try(session: WriteSession, subjects: tuple[str, ...], now: datetime) -> None:
    """Counts a wrong try."""
    session.add_all(ProofTry(subject=subject, at=now) for subject in subjects)
    await session.flush()


async def check_tries(session: ReadSession, subjects: tuple[str, ...], now: datetime, unwritten: int = 0) -> None:
    """Raises LimitExceeded after five wrong tries of one of the subjects within a day."""
    for subject in subjects:
        query = select(func.count()).where(ProofTry.subject == subject, ProofTry.at > now - TRIES_COUNT_FOR)
        if (await session.scalar(query) or 0) + unwritten >= MAX_TRIES:
            raise LimitExceeded("too many wrong tries; ask a person, or try again tomorrow", retry_after=3600)
