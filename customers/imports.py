"""Customers and orders from a shop's own files: good rows go in a few hundred at a time, the others come back.

Nothing is set off by an import: it writes facts, and who is written to is derived from them by rules of their own.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from core import signals
from core.clock import Clock
from core.database import Database, ReadSession, WriteSession
from core.import_report import ImportReport, Rejection, write_rejected
from core.shop import read_shop
from core.tables import Table, TableRow, read_table
from customers import customer_form, customer_rows, order_form, order_rows
from customers.cells import BadCell
from customers.customer_form import CustomerRow, Key
from customers.order_form import OrderRow
from customers.reach import Reach, count_reachable
from staff import audit

_BATCH = 250
_TRIES = 3
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is taken; `key` is for customers."""

    strict: bool = False
    dry_run: bool = False
    mapping: dict[str, str] = field(default_factory=dict)
    key: Key | None = None


@dataclass(slots=True)
class CustomersReport(ImportReport):
    """`reachable`: of the customers that the file names."""

    reachable: dict[str, Any] | None = None


AnyRow = TypeVar("AnyRow", CustomerRow, OrderRow)


@dataclass(slots=True)
class ImportPlan(Generic[AnyRow]):
    """What an import would do, worked out without changing anything."""

    path: Path
    options: ImportOptions
    key: Key
    rows: list[AnyRow] = field(default_factory=list)
    rejected: list[tuple[TableRow, Rejection]] = field(default_factory=list)
    report: CustomersReport = field(default_factory=CustomersReport)

    @property
    def is_refused(self) -> bool:
        """`--strict`, and a row is bad."""
        return self.options.strict and bool(self.rejected)

    def reject(self, row: TableRow, column: str | None, reason: str) -> None:
        self.rejected.append((row, Rejection.of(row, column, reason)))

    def preview(self, count: int = 5) -> list[dict[str, str]]:
        """The first rows as they were understood."""
        return [_shown(row) for row in islice(self.rows, count)]


def _shown(row: CustomerRow | OrderRow) -> dict[str, str]:
    if isinstance(row, CustomerRow):
        said = {kind.value: "yes" if given else "no" for kind, given in row.consents.items()}
        names = ("external_id", "name", "phone", "email", "birthday", "birthday_calendar")
        return {name: str(row.fields.get(name) or "") for name in names} | said
    facts = {name: str(row.facts.get(name) or "") for name in ("product", "amount_minor", "status", "placed_at")}
    buyer = row.customer_external_id or row.customer_phone or ""
    return {"external_id": row.external_id, "customer": buyer, **facts}


class FileImport(ABC, Generic[AnyRow]):
    """What both kinds of file have in common. `zone` is where times without one are."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def plan(self, path: Path, options: ImportOptions) -> ImportPlan[AnyRow]:
        """Reads the file and, where it matters, compares it with what is there.

        Raises:
            UnreadableFile, InvalidInput: nothing of the file can be used.
        """
        plan = await self._read(path, options)
        if options.strict or options.dry_run:
            for batch in _batches(plan.rows):
                async with self._database.read() as session:
                    await customer_rows.plan_anew(session)
                    self._count(plan, batch, await self._decide(session, batch, plan, lock=False))
        self._list_rejected(plan)
        return plan

    async def apply(
        self, plan: ImportPlan[AnyRow], by: str, progress: Progress = lambda done, total: None
    ) -> CustomersReport:
        """Does what `plan` says unless it is refused or a dry run."""
        if plan.options.dry_run:
            return plan.report
        if not plan.is_refused:
            await self._write(plan, by, progress)
            self._list_rejected(plan)
        if plan.rejected:
            written = write_rejected(plan.path, plan.rejected)
            plan.report.rejected_file = str(written) if written else None
        return plan.report

    async def _write(self, plan: ImportPlan[AnyRow], by: str, progress: Progress) -> None:
        report, done, named = plan.report, 0, set[int]()
        report.created = report.updated = report.unchanged = 0
        for batch in _batches(plan.rows):
            named.update(await self._write_batch(plan, batch))
            await self._database.make_way()
            done += len(batch)
            progress(done, len(plan.rows))
        async with self._database.write() as session:
            note = f"{plan.path.name}: {report.created} created, {report.updated} updated"
            audit.record(session, actor=by, action=self._action, object="import:", now=self._clock.now(), note=note)
            session.signal(signals.CUSTOMERS)
        reach = await count_reachable(self._database, named, self._clock.now())
        self._tell_reach(report, reach)
        report.applied = True

    async def _write_batch(self, plan: ImportPlan[AnyRow], batch: Sequence[AnyRow]) -> list[int]:
        """Once more from the top when another process made one of these in between."""
        for last in (False,) * (_TRIES - 1) + (True,):
            try:
                async with self._database.write() as session:
                    await customer_rows.plan_anew(session)
                    await customer_rows.lock_imports(session)
                    choices = await self._decide(session, batch, plan, lock=True)
                    counts = _counted(choices)
                    named = await self._store(session, choices, plan)
            except IntegrityError:
                if last:
                    raise
                continue
            self._settle(plan, batch, choices, counts)
            return named
        raise AssertionError("unreachable")

    def _count(self, plan: ImportPlan[AnyRow], batch: Sequence[AnyRow], choices: Sequence[Any]) -> None:
        self._settle(plan, batch, choices, _counted(choices))

    def _settle(
        self, plan: ImportPlan[AnyRow], batch: Sequence[AnyRow], choices: Sequence[Any], counts: Counter[str]
    ) -> None:
        for name, count in counts.items():
            setattr(plan.report, name, getattr(plan.report, name) + count)
        for row, choice in zip(batch, choices, strict=True):
            if choice.reason is not None:
                plan.reject(row.row, choice.column, choice.reason)

    @staticmethod
    def _list_rejected(plan: ImportPlan[AnyRow]) -> None:
        plan.report.rejections = [rejection for _, rejection in plan.rejected]
        plan.report.rejected = len(plan.rejected)

    def _tell_reach(self, report: CustomersReport, reach: Reach) -> None:
        """Orders say nothing of it."""

    _action = "customers.import"

    @abstractmethod
    async def _read(self, path: Path, options: ImportOptions) -> ImportPlan[AnyRow]: ...

    @abstractmethod
    async def _decide(
        self, session: ReadSession, batch: Sequence[AnyRow], plan: ImportPlan[AnyRow], lock: bool
    ) -> Sequence[Any]: ...

    @abstractmethod
    async def _store(self, session: WriteSession, choices: Sequence[Any], plan: ImportPlan[AnyRow]) -> list[int]: ...


class CustomerImport(FileImport[CustomerRow]):
    """Files of customers."""

    async def _read(self, path: Path, options: ImportOptions) -> ImportPlan[CustomerRow]:
        table = read_table(path, customer_form.FORM, options.mapping)
        key = customer_form.key_of({column for row in table.rows for column in row.cells}, options.key)
        plan = ImportPlan[CustomerRow](path, options, key, report=CustomersReport(warnings=table.warnings))
        async with self._database.read() as session:
            country = (await read_shop(session))[0].country
        reading = customer_form.Reading(self._zone, country, self._clock.now(), key)
        _gather_customers(table, reading, plan)
        plan.report.warnings.extend(_quality(plan.rows))
        return plan

    async def _decide(
        self, session: ReadSession, batch: Sequence[CustomerRow], plan: ImportPlan[CustomerRow], lock: bool
    ) -> list[customer_rows.Choice]:
        return await customer_rows.decide_batch(session, batch, plan.key, lock)

    async def _store(
        self, session: WriteSession, choices: Sequence[customer_rows.Choice], plan: ImportPlan[CustomerRow]
    ) -> list[int]:
        return await customer_rows.store_batch(
            session, choices, plan.key, f"import {plan.path.name}"[:200], self._clock.now()
        )

    def _tell_reach(self, report: CustomersReport, reach: Reach) -> None:
        report.reachable = {"now": reach.now, "of": reach.of}
        on = ", ".join(f"{count} on {channel}" for channel, count in sorted(reach.by_channel.items()))
        if on:
            report.warnings.append(f"reachable now: {on}")
        if reach.now < reach.of:
            report.warnings.append(
                f"{reach.of - reach.now} of {reach.of} customers cannot be reached yet: "
                "`kefu customers links FILE --qr DIR` writes a personal link for each, to print or send"
            )


def _gather_customers(table: Table, reading: customer_form.Reading, plan: ImportPlan[CustomerRow]) -> None:
    """Reads every row; rows of one customer become one unless they contradict each other."""
    found: dict[str, CustomerRow] = {}
    twice = 0
    for row in table.rows:
        try:
            read = customer_form.read_row(row, reading)
        except BadCell as bad:
            plan.reject(row, bad.column, bad.reason)
            continue
        first = found.get(read.key)
        if first is None:
            found[read.key] = read
        elif clash := customer_form.conflict(first, read):
            plan.reject(row, clash, f"says something else than row {first.row.number}, which is the same customer")
        else:
            twice += 1
            found[read.key] = customer_form.joined(first, read)
    plan.rows = list(found.values())
    if twice:
        plan.report.warnings.append(f"{twice} rows name a customer again and were joined with the first")


def _quality(rows: Sequence[CustomerRow]) -> list[str]:
    """What is missing, and what looks like the same person twice."""
    missing = Counter(name for row in rows for name in ("name", "phone", "birthday") if name not in row.fields)
    said = [f"{count} of {len(rows)} customers have no {name}" for name, count in sorted(missing.items())]
    phones = Counter(row.fields["phone"] for row in rows if "phone" in row.fields)
    shared = sum(1 for count in phones.values() if count > 1)
    if shared:
        said.append(f"{shared} phone numbers belong to several customers: the same person twice?")
    return said


class OrderImport(FileImport[OrderRow]):
    """Files of orders."""

    _action = "orders.import"

    async def _read(self, path: Path, options: ImportOptions) -> ImportPlan[OrderRow]:
        table = read_table(path, order_form.FORM, options.mapping)
        plan = ImportPlan[OrderRow](path, options, Key.EXTERNAL_ID, report=CustomersReport(warnings=table.warnings))
        async with self._database.read() as session:
            facts = (await read_shop(session))[0]
        reading = order_form.Reading(self._zone, facts.country, facts.currency)
        found: dict[str, OrderRow] = {}
        for row in table.rows:
            try:
                read = order_form.read_row(row, reading)
            except BadCell as bad:
                plan.reject(row, bad.column, bad.reason)
                continue
            if (first := found.setdefault(read.external_id, read)) is not read:
                plan.reject(row, "external_id", f"is in row {first.row.number} already")
        plan.rows = list(found.values())
        return plan

    async def _decide(
        self, session: ReadSession, batch: Sequence[OrderRow], plan: ImportPlan[OrderRow], lock: bool
    ) -> list[order_rows.Choice]:
        return await order_rows.decide_batch(session, batch, lock)

    async def _store(
        self, session: WriteSession, choices: Sequence[order_rows.Choice], plan: ImportPlan[OrderRow]
    ) -> list[int]:
        return await order_rows.store_batch(session, choices, self._clock.now())


def _batches(rows: Sequence[AnyRow]) -> list[Sequence[AnyRow]]:
    return [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]


def _counted(choices: Sequence[Any]) -> Counter[str]:
    """Before anything is written: afterwards a new customer looks like a known one."""
    return Counter(_name(choice) for choice in choices if choice.reason is None)


def _name(choice: Any) -> str:
    is_new = (choice.customer if isinstance(choice, customer_rows.Choice) else choice.order) is None
    return "created" if is_new else "updated" if choice.is_change else "unchanged"
