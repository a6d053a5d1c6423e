"""Forgetting a person: out of every table, the files, the raw bytes of the database; and staying so.

What has to be done is written down first (the log, then the database), and every step can be done twice: so an erasure
that was killed anywhere is finished by `catch_up`, and one that a restored backup has never heard of is done again.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select, text, update

from core import signals
from core.backups import sqlite_file
from core.columns import KEEP
from core.database import Base, Database, ReadSession, upsert_ignore
from core.files import FileStore
from customers import belongings, erased, erasure_log, quotes, tasks
from customers.blanking import blank_rows, blank_some, erasable, in_order, is_deleted
from customers.models import ChannelIdentity, Customer, Order
from customers.privacy_models import ErasedKey, Erasure, Merge
from customers.service import CustomerNotFound
from staff import audit

_COPIES = "before-migration"
#: Bytes of the file that are looked through at a time.
_PIECE = 1 << 24
#: What an erasure cannot reach, by key.
UNREACHED = {
    "backups": "backups that were made earlier: the person is erased again when one is put back",
    "exports": "files that were exported, and lists from which somebody imported",
    "chats": "what was sent to the person's own Telegram chat; posts about them in Telegram groups and chats of staff "
    "that Telegram lets nobody delete or empty any more are named here once it has refused",
    "journal": "on PostgreSQL: the server's journal, replicas and backups, until they are overwritten",
    "index": "the last copies of the search index, until a few newer ones have taken their place",
}
#: What is kept, and why, by place.
KEPT = {
    "order": "amounts and dates without a name: the books must keep them",
    "consent": "that and when a yes or no was given, without a name",
    "article": "titles and keys of articles that were made from questions, and wordings whose question is past its "
    "keeping time or was asked by others too: masked, and published after somebody had read them",
}
#: Takes a person out of where no column leads to them; may be done twice. Returns how many rows it touched.
Forget = Callable[[Database, Collection[int], datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Erasing:
    """What an erasure works with. `reached` is told each point that was passed (tests kill the process there).

    `elsewhere`: by place, what has to be done before the rows are blanked, where no foreign key shows the way.
    """

    database: Database
    folder: Path
    files: FileStore | None = None
    elsewhere: Mapping[str, Forget] = field(default_factory=dict)
    reached: Callable[[str], None] = field(default=lambda point: None)


async def erase(work: Erasing, customer_id: int, *, by: str, now: datetime) -> dict[str, Any]:
    """Erases the customer, with the files that were joined into theirs; returns the receipt.

    Raises:
        CustomerNotFound
    """
    async with work.database.read() as session:
        customer = await _living(session, customer_id)
        known = await _newest(session, customer.id)
        is_again = known is not None and known.started_at >= customer.created_at
        if known is not None and is_again and known.finished_at is not None:
            return known.receipt
        entry = await _entry(session, work, customer, by, now)
    if known is not None and is_again:
        return await _carry_out(work, known.entry, known.files, now)
    erasure_log.append(work.folder, entry)
    work.reached("logged")
    await _write_down(work.database, entry)
    work.reached("written down")
    return await _carry_out(work, entry.name, entry.files, now)


async def find_receipt(session: ReadSession, customer_number: int) -> dict[str, Any] | None:
    """That of the newest erasure of a file that was finished."""
    found = await _newest(session, customer_number)
    return found.receipt if found is not None and found.finished_at is not None else None


async def _newest(session: ReadSession, customer_number: int) -> Erasure | None:
    query = select(Erasure).where(Erasure.customer_number == customer_number).order_by(Erasure.id.desc()).limit(1)
    return await session.scalar(query)


async def _living(session: ReadSession, customer_id: int) -> Customer:
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise CustomerNotFound(f"there is no customer {customer_id}")
    while customer.merged_into_id is not None:
        customer = await session.get_one(Customer, customer.merged_into_id)
    return customer


async def _entry(session: ReadSession, work: Erasing, customer: Customer, by: str, now: datetime) -> erasure_log.Entry:
    salts = await erased.list_salts(session) or [entry.salt for entry in erasure_log.read(work.folder)]
    salt = salts[0] if salts else secrets.token_hex(16)
    files = await _with_joined(session, customer.id)
    digests = tuple(sorted({erased.digest(salt, key) for key in await keys_of(session, files)}))
    return erasure_log.Entry(customer.id, tuple(files), now.isoformat(), salt, digests, by)


async def _with_joined(session: ReadSession, customer_id: int) -> list[int]:
    """The customer and every file that was joined into theirs."""
    ids = [customer_id]
    for parent in ids:
        ids.extend(await session.scalars(select(Customer.id).where(Customer.merged_into_id == parent)))
    return ids


async def keys_of(session: ReadSession, ids: Collection[int]) -> list[str]:
    """Everything that these files are known by."""
    keys: list[str] = []
    for c in await session.scalars(select(Customer).where(Customer.id.in_(ids))):
        keys += erased.keys_of({"external_id": c.external_id, "phone": c.phone, "email": c.email})
        keys.append(_file_key(c))
    for i in await session.scalars(select(ChannelIdentity).where(ChannelIdentity.customer_id.in_(ids))):
        keys += [f"{i.account}:{i.external_id}", f"{i.account.partition(':')[0]}:{i.external_id}"]
    numbers = await session.scalars(select(Order.external_id).where(Order.customer_id.in_(ids)))
    return [*keys, *(f"order:{number}" for number in numbers)]


def _file_key(customer: Customer) -> str:
    """Tells this very file from another one that got its number in a database that was put back."""
    return f"file:{customer.id}:{customer.created_at.isoformat()}"


async def _write_down(database: Database, entry: erasure_log.Entry) -> None:
    async with database.write() as session:
        dialect = session.get_bind().dialect.name
        values = {
            "customer_number": entry.customer,
            "files": list(entry.files),
            "salt": entry.salt,
            "asked_by": entry.asked_by,
            "started_at": entry.asked_at,
            "steps_done": [],
            "receipt": {},
        }
        await session.execute(upsert_ignore(Erasure, dialect).values(entry=entry.name, **values))
        erasure_id = await session.scalar(select(Erasure.id).where(Erasure.entry == entry.name))
        keys = [{"digest": digest, "salt": entry.salt, "erasure_id": erasure_id} for digest in entry.digests]
        if keys:
            await session.execute(upsert_ignore(ErasedKey, dialect), keys)


async def _carry_out(work: Erasing, entry: str, ids: Collection[int], now: datetime) -> dict[str, Any]:
    """Every step that is not done yet, then once more over all tables: for what came in meanwhile."""
    async with work.database.read() as session:
        words = await quotes.words_of(session, Base.metadata, ids)
    for name, do in _steps(work, ids, words, now):
        await _step(work, entry, name, do)
    for table in _tables():
        await _blank_table(work, table, ids)
    work.reached("swept")
    copies = await asyncio.to_thread(_remove_copies, work.folder)
    work.reached("copies")
    await compact(work.database, words.said)
    work.reached("compacted")
    return await _finish(work, entry, copies, now)


def _tables() -> list[Table]:
    return [table for table in in_order(list(belongings.links(Base.metadata))) if erasable(table)]


def _steps(
    work: Erasing, ids: Collection[int], words: quotes.Words, now: datetime
) -> Iterator[tuple[str, Callable[[], Awaitable[int]]]]:
    for place, forget in work.elsewhere.items():
        yield place, partial(forget, work.database, ids, now)
    for column in quotes.quoting_columns(Base.metadata):
        yield f"quotes in {column}", partial(_blank_quotes, work, column, words)
    for table in _tables():
        yield table.name, partial(_blank_table, work, table, ids)
    yield "merges", partial(_blank_merges, work, ids)
    yield "the file itself", partial(_close_file, work, ids, now)


async def _step(work: Erasing, entry: str, name: str, do: Callable[[], Awaitable[int]]) -> None:
    """Does a step and notes how many rows it touched, unless it is noted already."""
    async with work.database.read() as session:
        row = (await session.scalars(select(Erasure).where(Erasure.entry == entry))).one()
    if name in row.steps_done:
        return
    rows = await do()
    work.reached(f"done {name}")
    async with work.database.write() as session:
        row = (await session.scalars(select(Erasure).where(Erasure.entry == entry))).one()
        row.steps_done = [*row.steps_done, name]
        row.receipt = {**row.receipt, name: rows}
    work.reached(f"noted {name}")


async def _blank_table(work: Erasing, table: Table, ids: Collection[int]) -> int:
    done, after = 0, None
    while True:
        async with work.database.write() as session:
            blanked = await blank_some(session, table, belongings.of_customers(table, ids), after, work.files)
        done, after = done + blanked.rows, blanked.last
        if after is None:
            return done
        work.reached(f"part of {table.name}")


async def _blank_quotes(work: Erasing, column: Any, words: quotes.Words) -> int:
    done, after = 0, None
    while True:
        async with work.database.read() as session:
            found, after = await quotes.find_quoting(session, column, words, after)
        if found:
            async with work.database.write() as session:
                await blank_rows(session, quotes.table_of(column), found)
            done += len(found)
        if after is None:
            return done


async def _blank_merges(work: Erasing, ids: Collection[int]) -> int:
    async with work.database.write() as session:
        statement = update(Merge).where(Merge.survivor_id.in_(ids)).values(before={}).returning(Merge.id)
        return len(list(await session.scalars(statement)))


async def _close_file(work: Erasing, ids: Collection[int], now: datetime) -> int:
    async with work.database.write() as session:
        values: dict[str, Any] = {"erased_at": now, "updated_at": now, "birthday_leap_month": False}
        values |= dict.fromkeys(("birthday_calendar", "birthday_question", "timezone_from"))
        values |= {"chosen": [], "phone_proven": False, "email_proven": False}
        await session.execute(update(Customer.__table__).where(Customer.id.in_(ids)).values(values))  # type: ignore[arg-type]
        for customer_id in ids:
            session.signal(signals.ERASED, customer_id)
    return len(ids)


def _remove_copies(folder: Path) -> int:
    """Copies that were made before migrations hold the person too, and cannot be blanked in an older schema."""
    copies = list((folder / _COPIES).glob("*"))
    for copy in copies:
        copy.unlink(missing_ok=True)
    return len(copies)


async def compact(database: Database, words: Collection[str]) -> None:
    """SQLite: empties the journal, and rewrites the file if a trace is left in it. PostgreSQL: clears dead rows."""
    if database.sqlite_path is not None:
        await asyncio.to_thread(_compact_sqlite, database.sqlite_path, words)
        return
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("VACUUM"))


def _compact_sqlite(path: Path, words: Collection[str]) -> None:
    with sqlite_file(path) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        # Resumed after a kill there are no words left to look for: to be sure, the file is rewritten.
        if not words or _has_trace(path, words):
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _has_trace(path: Path, words: Collection[str]) -> bool:
    """Looked for piece by piece: the file may be larger than the memory."""
    wanted = [word.encode() for word in words]
    overlap, end = max(map(len, wanted)), b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            data = end + piece
            if any(word in data for word in wanted):
                return True
            end = data[-overlap:]
    return False


async def _finish(work: Erasing, entry: str, copies: int, now: datetime) -> dict[str, Any]:
    async with work.database.write() as session:
        row = (await session.scalars(select(Erasure).where(Erasure.entry == entry))).one()
        row.receipt = receipt(row, copies, now)
        row.finished_at = now
        await tasks.end_by_erasure(session, row.files, row.asked_by, now)
        audit.record(
            session, actor=row.asked_by, action="customers.erase", object=f"customer:{row.customer_number}", now=now
        )
    work.reached("finished")
    return row.receipt


def receipt(row: Erasure, copies: int, now: datetime) -> dict[str, Any]:
    """Every place: what was there is gone, what is kept without a name and why, and what cannot be reached."""
    places = [{"place": name, "rows": rows, "outcome": _outcome(name)} for name, rows in sorted(row.receipt.items())]
    if copies:
        places.append({"place": f"{_COPIES} (copies of the database)", "rows": copies, "outcome": "deleted"})
    kept = [{"place": place, "because": why} for place, why in KEPT.items()]
    kept += [{"place": str(column), "because": "the books must keep it"} for column in _kept_columns()]
    return {
        "customer": row.customer_number,
        "asked_by": row.asked_by,
        "asked_at": row.started_at.isoformat(),
        "erased_at": now.isoformat(),
        "places": places,
        "kept": kept,
        "unreachable": list(UNREACHED.values()),
    }


def _outcome(name: str) -> str:
    table = Base.metadata.tables.get(name)
    return "deleted" if table is not None and is_deleted(table) else "erased"


def _kept_columns() -> Iterator[Any]:
    for table in belongings.links(Base.metadata):
        yield from (column for column in table.columns if column.info == KEEP)


async def catch_up(work: Erasing, now: datetime) -> int:
    """Finishes what was killed, and does again what the database does not know of; returns how many."""
    async with work.database.read() as session:
        known = {row.entry: row for row in await session.scalars(select(Erasure))}
    unknown = [entry for entry in erasure_log.read(work.folder) if entry.name not in known]
    for entry in unknown:
        await _write_down(work.database, entry)
        await _carry_out(work, entry.name, await _still_theirs(work.database, entry), now)
    unfinished = [row for row in known.values() if row.finished_at is None]
    for row in unfinished:
        await _carry_out(work, row.entry, row.files, now)
    return len(unknown) + len(unfinished)


async def _still_theirs(database: Database, entry: erasure_log.Entry) -> list[int]:
    """The person's files in a database that was put back; a number may be somebody else's by now."""
    async with database.read() as session:
        found = await session.scalars(select(Customer).where(Customer.id.in_(entry.files)))
        own = [c.id for c in found if erased.digest(entry.salt, _file_key(c)) in entry.digests]
        return sorted({number for one in own for number in await _with_joined(session, one)})
