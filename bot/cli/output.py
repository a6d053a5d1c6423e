"""How commands print: tables for people, JSON for scripts, questions on a terminal only."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.errors import NotAllowed

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", help="Answer every question with yes.")]


def print_json(value: Any) -> None:
    """One JSON document, with Chinese readable as it is."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_list(items: Iterable[Mapping[str, Any]], as_json: bool, columns: Sequence[str], empty: str) -> None:
    """`{"items": [...]}`, or a table of `columns`; `empty` is said when there is nothing."""
    rows = list(items)
    if as_json:
        print_json({"items": rows})
    elif not rows:
        print(empty)
    else:
        print_table(rows, columns)


def print_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    Console(soft_wrap=not sys.stdout.isatty()).print(table)


def _cell(value: Any) -> str:
    return "" if value is None else escape(str(value))


def confirm(question: str, yes: bool) -> None:
    """Asks on a terminal; elsewhere `--yes` must have answered.

    Raises:
        NotAllowed: the answer was no, or nobody could be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotAllowed(f"{question} Add --yes to agree.")
    if not typer.confirm(question):
        raise NotAllowed("Nothing was changed.")
