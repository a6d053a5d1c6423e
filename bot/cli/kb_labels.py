"""`kefu kb labels` and `kefu kb synonyms`: the shop's own labelled questions, and words that mean the same."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.imports import DryRun, File, Map, Strict, finish, is_asked, read_mapping, show_first
from bot.cli.output import AsJson, Yes, confirm, print_list
from bot.cli.sample import rebuild
from core.import_report import ImportReport, Rejection, write_rejected
from core.table_files import Row, write_table
from core.tables import TableRow
from knowledge_base.article_audit import Edit
from knowledge_base.build_request import Synonyms
from knowledge_base.labels import find_labels, read_labels, save_labels
from knowledge_base.models import LabelledQuestion
from knowledge_base.synonyms import list_synonyms, read_synonyms, replace_synonyms

labels = typer.Typer(name="labels", help="The shop's own labelled questions.")
synonyms = typer.Typer(name="synonyms", help="Words that mean the same.")
Target = Annotated[Path, typer.Argument(help="FILE.xlsx, FILE.csv or FILE.jsonl.")]

_BATCH = 300
_SHOWN = 5
_LABEL_COLUMNS = ("question", "article", "language")
Rejected = list[tuple[TableRow, Rejection]]


@labels.command("list")
def list_labels(as_json: AsJson = False) -> None:
    """Show them all."""
    rows = [
        {"id": row.id, "question": row.question, "article": row.article, "language": row.language, "source": row.source}
        for row in with_database(_labels)
    ]
    print_list(rows, as_json, ("id", "language", "question", "article"), "None yet: kefu kb labels import FILE")


@labels.command("import")
def import_labels(
    file: File,
    dry_run: DryRun = False,
    strict: Strict = False,
    yes: Yes = False,
    mapping: Map = None,
    as_json: AsJson = False,
) -> None:
    """Add labelled questions: the columns question and article (empty: nothing answers it)."""
    examples, rejected, warnings = read_labels(file, read_mapping(mapping))
    report = _report(rejected, warnings, applied=not (dry_run or (strict and rejected)))
    _agree([asdict(example) for example in examples[:_SHOWN]], len(examples), report, yes or as_json)

    async def work(context: CommandContext) -> None:
        for start in range(0, len(examples), _BATCH):
            edit = Edit(whoami(), context.clock.now())
            async with context.database.write() as session:
                counts = await save_labels(session, examples[start : start + _BATCH], edit, not report.applied)
            report.created += counts[0]
            report.updated += counts[1]
            report.unchanged += counts[2]

    with_database(work)
    _close(file, report, rejected, dry_run)
    finish(report, as_json, "Labels")


@labels.command("export")
def export_labels(file: Target) -> None:
    """Write them to a file."""
    rows: list[Row] = [
        {"question": row.question, "article": row.article, "language": row.language} for row in with_database(_labels)
    ]
    write_table(file, _LABEL_COLUMNS, rows)
    print(f"{len(rows)} labelled questions written to {file}")


@synonyms.command("list")
def show_synonyms(as_json: AsJson = False) -> None:
    """Show the groups."""
    rows = [{"words": "|".join(group) if not as_json else list(group)} for group in with_database(_synonyms)]
    print_list(rows, as_json, ("words",), "None yet: kefu kb synonyms import FILE, one column, 退款|退钱")


@synonyms.command("import")
def import_synonyms(
    file: File,
    dry_run: DryRun = False,
    strict: Strict = False,
    yes: Yes = False,
    mapping: Map = None,
    as_json: AsJson = False,
) -> None:
    """Replace the list by a file with one column of words that mean the same, as in 退款|退钱."""
    groups, rejected, warnings = read_synonyms(file, read_mapping(mapping))
    report = _report(rejected, warnings, applied=not (dry_run or (strict and rejected)))
    _agree([{"words": "|".join(group)} for group in groups[:_SHOWN]], len(groups), report, yes or as_json)

    async def work(context: CommandContext) -> None:
        before = await _synonyms(context)
        report.unchanged = len(set(before) & set(groups))
        report.created, report.archived = len(set(groups) - set(before)), len(set(before) - set(groups))
        if report.applied:
            async with context.database.write() as session:
                await replace_synonyms(session, groups, Edit(whoami(), context.clock.now()))
            await rebuild(context)

    with_database(work)
    _close(file, report, rejected, dry_run)
    finish(report, as_json, "Synonyms")


@synonyms.command("export")
def export_synonyms(file: Target) -> None:
    """Write the groups to a file."""
    groups = with_database(_synonyms)
    write_table(file, ("words",), [{"words": group} for group in groups])
    print(f"{len(groups)} groups written to {file}")


async def _labels(context: CommandContext) -> list[LabelledQuestion]:
    async with context.database.read() as session:
        return await find_labels(session)


async def _synonyms(context: CommandContext) -> Synonyms:
    async with context.database.read() as session:
        return await list_synonyms(session)


def _report(rejected: Rejected, warnings: list[str], applied: bool) -> ImportReport:
    rejections = [rejection for _, rejection in rejected]
    return ImportReport(rejected=len(rejected), rejections=rejections, warnings=warnings, applied=applied)


def _agree(rows: Sequence[Mapping[str, object]], count: int, report: ImportReport, agreed: bool) -> None:
    """Shows the first rows and asks, on a terminal."""
    if report.applied and is_asked():
        show_first([{name: "" if value is None else str(value) for name, value in row.items()} for row in rows], count)
        confirm(f"Import {count} rows?", agreed)


def _close(file: Path, report: ImportReport, rejected: Rejected, dry_run: bool) -> None:
    if rejected and not dry_run:
        written = write_rejected(file, rejected)
        report.rejected_file = str(written) if written else None
