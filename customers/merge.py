"""Joining two files of one person, and taking it back. Nothing here commits.

Everything that points at the one file is made to point at the other; the row ids are kept, so that an undo moves back
just those. A visitor who has not proven who they are is never joined with a known customer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, and_, exists, select, update
from sqlalchemy.sql.schema import Column

from core import signals
from core.database import Base, ReadSession, WriteSession
from core.errors import Conflict, NotFound
from customers import belongings, consents, service
from customers.models import ChannelIdentity, Consent, Customer
from customers.privacy_models import Merge
from customers.values import BirthdayQuestion, ConsentKind, ContactWish
from staff import audit

_AT_ONCE = 500
_SOURCE = "merge"
#: What the survivor takes over where it has nothing itself.
_FILLED_IN = (
    "name", "form_of_address", "organisation", "language", "timezone", "phone", "email", "needs",
)  # fmt: skip


class CannotMerge(Conflict):
    """These two files may not become one."""

    code = "cannot_merge"


class MergeNotFound(NotFound):
    code = "merge_not_found"


@dataclass(frozen=True, slots=True)
class Proof:
    """How a file's owner is known. `visitor`: on some channel they have proven nothing."""

    known: bool
    visitor: bool


async def proof_of(session: ReadSession, customer: Customer) -> Proof:
    identities = await service.list_identities(session, customer.id)
    proven = customer.external_id is not None or customer.phone_proven or customer.email_proven
    return Proof(
        known=proven or any(identity.verified for identity in identities),
        visitor=any(not identity.verified for identity in identities),
    )


def may_merge(one: Proof, other: Proof) -> bool:
    """Two visitors, or two known people; never a visitor with somebody known."""
    return not ((one.visitor and other.known) or (other.visitor and one.known))


async def merge(session: WriteSession, survivor_id: int, other_id: int, *, by: str, now: datetime) -> Merge:
    """Joins `other_id` into `survivor_id`.

    Raises:
        CustomerNotFound
        CannotMerge: the same file twice, or a visitor with somebody known.
    """
    survivor, other = await _lock_both(session, survivor_id, other_id)
    if survivor.id == other.id:
        raise CannotMerge("these are one and the same customer already")
    if not may_merge(await proof_of(session, survivor), await proof_of(session, other)):
        raise CannotMerge("one of them is a visitor who has not proven who they are; a code or a sign-in does that")
    return await absorb(session, survivor, other, by=by, now=now)


async def _lock_both(session: WriteSession, one: int, other: int) -> tuple[Customer, Customer]:
    """In the order of their ids, so that two merges never wait for each other."""
    locked = {customer_id: await service.lock_customer(session, customer_id) for customer_id in sorted({one, other})}
    return locked[one], locked[other]


async def absorb(session: WriteSession, survivor: Customer, other: Customer, *, by: str, now: datetime) -> Merge:
    """Joins without asking whether it may be: the caller has seen the proof."""
    stopped = await _stopped(session, survivor.id, other.id)
    moved = {str(column): await _move(session, column, other.id, survivor.id) for column in _movable()}
    before = _fill_in(survivor, other)
    other.merged_into_id, other.updated_at, survivor.updated_at = survivor.id, now, now
    row = Merge(
        survivor_id=survivor.id,
        merged_id=other.id,
        moved={column: ids for column, ids in moved.items() if ids},
        before=before,
        merged_by=by,
        merged_at=now,
    )
    session.add(row)
    await session.flush()
    for kind in stopped:
        session.add(_no(survivor.id, kind, now))
    await session.flush()
    _record(session, "customers.merge", row, by, now)
    return row


async def undo(session: WriteSession, merge_id: int, *, by: str, now: datetime) -> Merge:
    """Takes a merge back: what came with the other file goes back to it; what came since stays.

    Raises:
        MergeNotFound
        Conflict: it was undone already, or a later merge has to be undone first.
    """
    row = await session.get(Merge, merge_id, with_for_update=True)
    if row is None:
        raise MergeNotFound(f"there is no merge {merge_id}")
    survivor, other = await session.get(Customer, row.survivor_id), await session.get(Customer, row.merged_id)
    assert survivor is not None
    assert other is not None
    if row.undone_at is not None:
        raise Conflict(f"merge {merge_id} was undone already")
    if survivor.erased_at is not None or survivor.merged_into_id is not None:
        raise Conflict("what it was joined into is no more; undo the later merge first")
    stopped_since = await _stopped_since(session, row)
    for column in _movable():
        await _move_back(session, column, row.moved.get(str(column), ()), survivor.id, other.id)
    _give_back(survivor, other, row.before)
    other.merged_into_id, row.undone_at = None, now
    other.updated_at = survivor.updated_at = now
    for kind in stopped_since:
        session.add(_no(other.id, kind, now))
    await session.flush()
    _record(session, "customers.unmerge", row, by, now)
    return row


async def list_standing(session: ReadSession, survivor_id: int) -> list[Merge]:
    """What was joined into this file and may still be taken back, the newest first."""
    query = select(Merge).where(Merge.survivor_id == survivor_id, Merge.undone_at.is_(None))
    return list(await session.scalars(query.order_by(Merge.id.desc())))


async def may_be_one(session: ReadSession, customer_id: int, other: Customer) -> bool:
    """Whether somebody who has proven to be both of these may join the two files themselves.

    Not where the shop keeps them apart, by numbers of its own or different contacts; and never with a visitor.
    """
    own = await service.find_customer(session, customer_id)
    if own is None or not may_merge(await proof_of(session, own), await proof_of(session, other)):
        return False
    return not any(
        getattr(own, name) and getattr(other, name) and getattr(own, name) != getattr(other, name)
        for name in ("external_id", "phone", "email")
    )


async def join_known(session: WriteSession, identity: ChannelIdentity, customer: Customer, now: datetime) -> int:
    """Joins the file of a proven identity with that of `customer`; the id of the one that is left.

    Whom the shop has a number for keeps their file.
    """
    own, other = await _lock_both(session, identity.customer_id, customer.id)
    survivor, joined = (own, other) if own.external_id else (other, own)
    await absorb(session, survivor, joined, by=f"identity:{identity.id}", now=now)
    await session.refresh(identity, ["customer_id"])
    return survivor.id


async def join_identity(session: WriteSession, identity: ChannelIdentity, customer: Customer, now: datetime) -> None:
    """Gives a proven identity, and what was said on it, to `customer`; the visitor's file goes along when empty."""
    left_id = identity.customer_id
    identity.customer_id = customer.id
    await session.flush()
    if left_id == customer.id:
        return
    rest = await session.scalar(select(ChannelIdentity.id).where(ChannelIdentity.customer_id == left_id).limit(1))
    left = await session.get(Customer, left_id)
    if rest is None and left is not None and left.external_id is None and left.merged_into_id is None:
        await absorb(session, customer, left, by=f"identity:{identity.id}", now=now)
        return
    for column in _movable():
        if (key := _identity_key(column)) is not None:
            table = column.table
            await session.execute(update(table).where(table.c[key] == identity.id).values({column.name: customer.id}))


def _identity_key(column: Column[Any]) -> str | None:
    keys = (c for c in column.table.columns for key in c.foreign_keys if key.column.table.name == "channel_identity")
    return next((c.name for c in keys if belongings.personal(c) != "none"), None)


def _movable() -> Iterator[Column[Any]]:
    """Columns that can point elsewhere: not those that are their row's own name."""
    return (column for column in belongings.direct(Base.metadata) if not column.primary_key)


def _fill_in(survivor: Customer, other: Customer) -> dict[str, Any]:
    """Gives the survivor what it lacks; returns the survivor's fields as they were."""
    names = [name for name in _FILLED_IN if getattr(survivor, name) is None and getattr(other, name) is not None]
    before: dict[str, Any] = dict.fromkeys(names)
    if survivor.birthday is None and other.birthday is not None:
        names += ["birthday", "birthday_calendar", "birthday_leap_month"]
        before |= {"birthday": None, "birthday_calendar": None, "birthday_leap_month": False}
    for contact in {"phone", "email"} & set(names):
        names.append(f"{contact}_proven")
        before[f"{contact}_proven"] = False
    if other.birthday_question is not None and survivor.birthday_question in (None, BirthdayQuestion.ASKED):
        names.append("birthday_question")
        before["birthday_question"] = survivor.birthday_question
    if other.preferences.contact is ContactWish.ONLY_WHEN_I_WRITE_FIRST:
        # Like a stop it holds for whoever is left, and stays when the files are parted: silence does no harm.
        names.append("preferences")
    for name in names:
        setattr(survivor, name, getattr(other, name))
    if added := [tag for tag in other.tags if tag not in survivor.tags]:
        before["tags"] = survivor.tags
        survivor.tags = [*survivor.tags, *added]
    survivor.chosen = sorted({*survivor.chosen, *(name for name in other.chosen if name in names)})
    return before


def _give_back(survivor: Customer, other: Customer, before: dict[str, Any]) -> None:
    """The survivor's fields as they were, but for what was changed since."""
    for name, value in before.items():
        if name == "tags":
            survivor.tags = [tag for tag in survivor.tags if tag in value or tag not in other.tags]
        elif getattr(survivor, name) == getattr(other, name):
            setattr(survivor, name, value)


def _key_of(column: Column[Any]) -> Column[Any]:
    (key,) = column.table.primary_key.columns
    return key


async def _move(session: WriteSession, column: Column[Any], source: int, target: int) -> list[int]:
    """The ids of the rows that now point at `target`. A row that the target has its like of stays."""
    table, key = column.table, _key_of(column)
    statement = update(table).where(column == source).values({column.name: target}).returning(key)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint) and column.name in constraint.columns:
            twin = table.alias("twin")
            same = [twin.c[c.name] == c for c in constraint.columns if c.name != column.name]
            statement = statement.where(~exists().where(twin.c[column.name] == target, and_(True, *same)))
    return list(await session.scalars(statement))


async def _move_back(session: WriteSession, column: Column[Any], ids: Sequence[int], source: int, target: int) -> None:
    key = _key_of(column)
    for start in range(0, len(ids), _AT_ONCE):
        batch = ids[start : start + _AT_ONCE]
        table = column.table
        await session.execute(update(table).where(key.in_(batch), column == source).values({column.name: target}))


async def _stopped(session: ReadSession, *ids: int) -> set[ConsentKind]:
    """Kinds to which one of them said no in their own words."""
    standings = (await consents.current_of(session, ids)).values()
    return {kind for of in standings for kind, one in of.items() if one.by_customer and not one.given}


async def _stopped_since(session: ReadSession, row: Merge) -> set[ConsentKind]:
    """A stop that was said while the files were one holds for both."""
    query = select(Consent).where(
        Consent.customer_id == row.survivor_id, Consent.by_customer, Consent.recorded_at >= row.merged_at
    )
    said = {consent.kind for consent in await session.scalars(query) if not consent.given}
    return said & await _stopped(session, row.survivor_id)


def _no(customer_id: int, kind: ConsentKind, now: datetime) -> Consent:
    return Consent(
        customer_id=customer_id, kind=kind, given=False, source=_SOURCE, by_customer=True, at=now, recorded_at=now
    )


def _record(session: WriteSession, action: str, row: Merge, by: str, now: datetime) -> None:
    note = f"customer:{row.merged_id} and customer:{row.survivor_id}"
    audit.record(session, actor=by, action=action, object=f"customer:{row.survivor_id}", now=now, note=note)
    session.signal(signals.CUSTOMERS, row.survivor_id)
    session.signal(signals.CUSTOMERS, row.merged_id)
