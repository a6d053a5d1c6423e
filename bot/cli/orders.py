"""`kefu orders`: files of orders."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.context import CommandContext, with_database
from bot.cli.customers import bring_in, refresh_segments
from bot.cli.imports import DryRun, File, Map, Strict, finish, read_mapping
from bot.cli.output import AsJson, Yes
from core.import_report import ImportReport
from core.settings import load_settings
from core.table_files import write_table
from customers.imports import ImportOptions, OrderImport
from customers.templates import orders_template

app = typer.Typer(name="orders", help="Orders from files.", no_args_is_help=True)


@app.command("import")
def import_orders(
    file: File,
    dry_run: DryRun = False,
    strict: Strict = False,
    yes: Yes = False,
    mapping: Map = None,
    as_json: AsJson = False,
) -> None:
    """Bring orders in; unknown customers are created. Nothing is set off for what happened before."""
    options = ImportOptions(strict, dry_run, read_mapping(mapping))

    async def work(context: CommandContext) -> ImportReport:
        importer = OrderImport(context.database, context.clock, context.settings.timezone)
        report = await bring_in(importer, file, options, "orders", agreed=yes or as_json)
        if report.applied and report.changes:
            await refresh_segments(context)
        return report

    finish(with_database(work), as_json, "Orders")


@app.command()
def template(file: Annotated[Path, typer.Argument(help="FILE.xlsx or FILE.csv.")]) -> None:
    """Write an empty sheet with two examples to begin with."""
    columns, rows = orders_template(load_settings().language.value)
    write_table(file, columns, rows)
    print(f"Written: {file}. Replace the two examples by your own, then: kefu orders import {file}")
