"""`kefu teams`: agents who share work, and their opening hours."""

from typing import Annotated, Any

import typer

from admin.api.teams import check_calendar
from bot.bootstrap.policies import make_policies
from bot.bootstrap.storage import open_secretbox
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json, print_list
from staff import teams
from staff.teams import TeamView

app = typer.Typer(name="teams", help="Agents who share work, and their opening hours.", no_args_is_help=True)


@app.command("list")
def list_teams(as_json: AsJson = False) -> None:
    """Show every team."""

    async def work(context: CommandContext) -> list[TeamView]:
        async with context.database.read() as session:
            return await teams.list_teams(session)

    rows = [_row(view) for view in with_database(work)]
    shown = rows if as_json else [row | {"members": ", ".join(row["members"])} for row in rows]
    print_list(shown, as_json, ("name", "members", "calendar"), "No team yet: kefu teams set NAME --members A,B")


@app.command("set")
def set_team(
    name: Annotated[str, typer.Argument(help="The team's name.")],
    members: Annotated[str | None, typer.Option(help="Everybody in it, as in A,B; left out: as they are.")] = None,
    calendar: Annotated[str | None, typer.Option(help="As `kefu rules show calendars` names it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make or change a team."""
    names = None if members is None else [one.strip() for one in members.split(",") if one.strip()]

    async def work(context: CommandContext) -> TeamView:
        policies = make_policies(context.settings, open_secretbox(context.settings))
        async with context.database.write() as session:
            check_calendar(await policies.current(session), calendar)
            return await teams.save_team(session, name, names, calendar, by=whoami(), now=context.clock.now())

    row = _row(with_database(work))
    if as_json:
        print_json(row)
    else:
        print(f"{row['name']}: {', '.join(row['members']) or 'nobody'}; hours: {row['calendar'] or 'the shop'}")


def _row(view: TeamView) -> dict[str, Any]:
    return {"name": view.team.name, "members": list(view.members), "calendar": view.team.calendar}
