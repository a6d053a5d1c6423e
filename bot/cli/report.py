"""`kefu report`: the week in figures, and what waits to be done."""

from datetime import date
from typing import Annotated

import typer

from admin.api.shapes.week import WeekShape, week_shape
from admin.follow_ups import office_of
from admin.rule_kinds import make_rulebook
from bot.cli.context import CommandContext, with_database
from bot.cli.output import AsJson, print_json
from scheduler.week import read_week
from scheduler.week_words import week_lines


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command("report")(report)


def report(
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="None: the last whole week.")] = None,
    week: Annotated[bool, typer.Option("--week", help="The week in which DATE lies.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the week in figures, and what waits to be done."""
    if not week:
        raise typer.BadParameter("say which report: kefu report --week [DATE]")
    of = _date(day)

    async def work(context: CommandContext) -> WeekShape:
        office = office_of(context.settings, make_rulebook())
        async with context.database.read() as session:
            found = await read_week(session, office, of, context.clock.now())
        return week_shape(found, "\n".join(week_lines(found, office.staff_language, office.zone)))

    shown = with_database(work)
    if as_json:
        print_json(shown.model_dump(mode="json"))
    else:
        print(shown.text)


def _date(day: str | None) -> date | None:
    try:
        return date.fromisoformat(day) if day is not None else None
    except ValueError:
        raise typer.BadParameter(f"{day!r} is no date; write it like 2026-03-02") from None
