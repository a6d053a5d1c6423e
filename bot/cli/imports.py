"""What every import command has in common: its options, the first rows shown, the report."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import print_json, print_table
from core.import_report import ImportReport

_SHOWN_REJECTIONS = 10
_SHOWN_TEXT = 60

File = Annotated[Path, typer.Argument(help="The file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and change nothing.")]
Strict = Annotated[bool, typer.Option("--strict", help="One bad row, and nothing is changed.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", metavar='"THEIRS=column"', help="What one of their headers means.")
]


def read_mapping(pairs: list[str] | None) -> dict[str, str]:
    """`--map "THEIR HEADER=column"`, repeated."""
    mapping = dict[str, str]()
    for pair in pairs or ():
        theirs, equals, ours = pair.rpartition("=")
        if not (equals and theirs.strip() and ours.strip()):
            raise typer.BadParameter(f'{pair!r}: write "THEIR HEADER=column"', param_hint="--map")
        mapping[theirs.strip()] = ours.strip()
    return mapping


def is_asked() -> bool:
    """Whether there is somebody who can answer a question."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def show_first(rows: Iterable[Mapping[str, str]], count: int) -> None:
    """The first rows as they were understood, before anything is written."""
    shown = [{column: _short(text) for column, text in row.items()} for row in rows]
    if shown:
        print(f"The first {len(shown)} of {count}:")
        print_table(shown, list(shown[0]))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_TEXT else f"{line[: _SHOWN_TEXT - 1]}…"


def finish(report: ImportReport, as_json: bool, things: str) -> None:
    """Prints the report; ends with 1 when a row was left out."""
    if as_json:
        print_json(report.shape())
    else:
        _print_report(report, things)
    if report.rejected:
        raise typer.Exit(1)


def _print_report(report: ImportReport, things: str) -> None:
    counts = ("created", "updated", "unchanged", "archived", "rejected")
    said = ", ".join(f"{getattr(report, name)} {name}" for name in counts if getattr(report, name))
    print(f"{things}: {said or 'nothing to do'}." + ("" if report.applied else " Nothing has been changed."))
    for warning in report.warnings:
        print(f"Note: {warning}.")
    for rejection in report.rejections[:_SHOWN_REJECTIONS]:
        place = f"row {rejection.row}" + (f" of {rejection.sheet}" if rejection.sheet else "")
        print(f"Left out: {place}: " + (f"{rejection.column} " if rejection.column else "") + rejection.reason)
    if report.rejected > _SHOWN_REJECTIONS:
        print(f"... and {report.rejected - _SHOWN_REJECTIONS} more.")
    if report.rejected_file:
        print(f"The rows that were left out, with the reasons: {report.rejected_file}")
