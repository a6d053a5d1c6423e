"""`kefu customers`: files in and out, one customer's file, personal links, erasure."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import segno
import typer
from sqlalchemy import select

from admin import timeline
from admin.api.shapes.customer import file_shape
from admin.links import link_for
from admin.rule_kinds import make_rulebook
from bot.bootstrap.privacy import erasing
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.imports import DryRun, File, Map, Strict, finish, is_asked, read_mapping, show_first
from bot.cli.output import AsJson, Yes, confirm, print_json, print_table
from bot.cli.progress import bar, spinner
from core.settings import load_settings
from core.table_files import Row, write_table
from customers import codes, privacy, service
from customers.customer_form import Key
from customers.export import take_copy
from customers.imports import AnyRow, CustomerImport, CustomersReport, FileImport, ImportOptions
from customers.models import Customer
from customers.segment_refresh import refresh
from customers.templates import customers_template

app = typer.Typer(name="customers", help="Customers: files in and out, links, erasure.", no_args_is_help=True)
Id = Annotated[int, typer.Argument(help="The customer's id.", min=1)]
Target = Annotated[Path, typer.Argument(help="FILE.xlsx or FILE.csv.")]
_LINKS_AT_ONCE = 200
_SHOWN_HAPPENINGS = 20


@app.command("import")
def import_customers(
    file: File,
    key: Annotated[Key | None, typer.Option(help="What customers are found by.")] = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    yes: Yes = False,
    mapping: Map = None,
    as_json: AsJson = False,
) -> None:
    """Bring customers in; good rows go in, the others come back with the reason. Nobody is written to."""
    options = ImportOptions(strict, dry_run, read_mapping(mapping), key)

    async def work(context: CommandContext) -> CustomersReport:
        importer = CustomerImport(context.database, context.clock, context.settings.timezone)
        return await bring_in(importer, file, options, "customers", agreed=yes or as_json)

    report = with_database(work)
    if report.reachable and not as_json:
        print(f"Reachable now: {report.reachable['now']} of {report.reachable['of']}.")
    finish(report, as_json, "Customers")


async def bring_in(
    importer: FileImport[AnyRow], file: Path, options: ImportOptions, things: str, *, agreed: bool
) -> CustomersReport:
    """Reads the file; on a terminal shows its first rows and asks; writes."""
    with spinner(f"Reading {file.name}"):
        plan = await importer.plan(file, options)
    if not (options.dry_run or plan.is_refused) and is_asked():
        show_first(plan.preview(), len(plan.rows))
        confirm(f"Import {len(plan.rows)} {things}?", agreed)
    with bar(f"Importing {things}") as progress:
        return await importer.apply(plan, whoami(), progress)


@app.command()
def template(file: Target) -> None:
    """Write an empty sheet with two examples to begin with."""
    columns, rows = customers_template(load_settings().language.value)
    write_table(file, columns, rows)
    print(f"Written: {file}. Replace the two examples by your own, then: kefu customers import {file}")


@app.command()
def show(customer_id: Id, as_json: AsJson = False) -> None:
    """Show a customer's file and what happened last."""

    async def work(context: CommandContext) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        async with context.database.read() as session:
            customer = await service.get_customer(session, customer_id)
            shape = await file_shape(session, customer, context.clock.now())
            happened = await timeline.list_all(session, customer.id)
        rows = [{"at": h.at.isoformat(), "kind": h.kind, "text": h.text, **h.data} for h in happened]
        return shape.model_dump(mode="json"), rows

    found, happened = with_database(work)
    if as_json:
        print_json({**found, "timeline": happened})
        return
    for name, value in found.items():
        if value not in (None, [], ""):
            print(f"{name}: {value}")
    print_table(happened[:_SHOWN_HAPPENINGS], ("at", "kind", "text"))


@app.command()
def export(customer_id: Id) -> None:
    """Print all that is known of a customer, as JSON; the audit book notes it."""

    async def work(context: CommandContext) -> dict[str, Any]:
        return await take_copy(context.database, customer_id, by=whoami(), now=context.clock.now())

    print_json(with_database(work))


@app.command()
def erase(customer_id: Id, yes: Yes = False) -> None:
    """Erase a customer everywhere; prints the receipt."""
    confirm(f"Erase customer {customer_id}? It cannot be taken back.", yes)

    async def work(context: CommandContext) -> dict[str, Any]:
        task = erasing(context.settings, context.database)
        with spinner("Erasing"):
            return await privacy.erase(task, customer_id, by=whoami(), now=context.clock.now())

    print_json(with_database(work))


@app.command()
def links(
    file: Target,
    qr: Annotated[Path | None, typer.Option(help="A folder for QR codes, one picture a customer.")] = None,
) -> None:
    """Write a personal link for each customer, to print or send: who opens it first is that customer."""

    async def work(context: CommandContext) -> list[Row]:
        rows: list[Row] = []
        after = 0
        while batch := await _invite_some(context, after):
            rows.extend(row for _, row in batch)
            after = batch[-1][0]
        return rows

    rows = with_database(work)
    write_table(file, ("external_id", "name", "phone", "link", "code", "expires_at"), rows)
    if qr is not None:
        _draw(rows, qr)
    print(f"{len(rows)} links written to {file}" + (f", QR codes to {qr}" if qr else ""))


async def _invite_some(context: CommandContext, after: int) -> list[tuple[int, Row]]:
    """The next living customers whom the shop knows, each with a new code."""
    known = Customer.external_id.is_not(None) | Customer.phone_proven | Customer.email_proven
    living = Customer.merged_into_id.is_(None) & Customer.erased_at.is_(None) & Customer.sample.is_(False)
    query = select(Customer).where(Customer.id > after, known, living).order_by(Customer.id).limit(_LINKS_AT_ONCE)
    async with context.database.write() as session:
        found = []
        for customer in await session.scalars(query):
            new = await codes.invite(session, customer.id, by=whoami(), now=context.clock.now())
            url = await link_for(session, context.settings, new.code)
            found.append((customer.id, _row(customer, url, new.code, new.expires_at)))
        return found


def _row(customer: Customer, url: str | None, code: str, expires_at: datetime) -> Row:
    return {
        "external_id": customer.external_id or "",
        "name": customer.name or "",
        "phone": customer.phone or "",
        "link": url or "",
        "code": code,
        "expires_at": expires_at.isoformat(),
    }


def _draw(rows: list[Row], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(rows, start=1):
        name = "".join(mark if mark.isalnum() or mark in "-_" else "_" for mark in _name(row, number))
        segno.make(str(row["link"] or row["code"]), error="m").save(str(folder / f"{name}.png"), scale=8, border=2)


def _name(row: Mapping[str, Any], number: int) -> str:
    return str(row["external_id"] or row["name"] or "customer") + f"-{number}"


async def refresh_segments(context: CommandContext) -> None:
    """After orders have changed, tiers and stages are derived anew."""
    with spinner("Placing customers"):
        await refresh(context.database, make_rulebook(), context.clock.now())
