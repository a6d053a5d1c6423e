"""`kefu desk`: the agents' groups."""

from typing import Annotated, Any

import typer

from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json, print_list
from staff import desks
from staff.models import Desk

app = typer.Typer(name="desk", help="The agents' groups.", no_args_is_help=True)


@app.command()
def code(as_json: AsJson = False) -> None:
    """Make a code that claims a group: write `/desk CODE` there within an hour."""

    async def work(context: CommandContext) -> dict[str, Any]:
        async with context.database.write() as session:
            made = await desks.make_code(session, by=whoami(), now=context.clock.now())
            return {"id": made.desk.id, "code": made.code, "expires_at": made.desk.expires_at.isoformat()}

    made = with_database(work)
    if as_json:
        print_json(made)
    else:
        print("Add the bot to the group, make it an administrator (Manage Topics, Pin Messages), and write there:")
        print(f"/desk {made['code']}")


@app.command("list")
def list_desks(as_json: AsJson = False) -> None:
    """Show every group that was claimed."""

    async def work(context: CommandContext) -> list[Desk]:
        async with context.database.read() as session:
            return await desks.list_claimed(session)

    rows = [
        {"id": one.id, "account": one.account, "chat": one.chat, "title": one.title, "claimed_by": one.claimed_by}
        for one in with_database(work)
    ]
    print_list(rows, as_json, ("id", "account", "chat", "title", "claimed_by"), "No group yet: kefu desk code")


@app.command()
def remove(desk_id: Annotated[int, typer.Argument(help="Its id, as `kefu desk list` shows it.", metavar="ID")]) -> None:
    """The group is no desk any more."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await desks.remove(session, desk_id, by=whoami(), now=context.clock.now())

    with_database(work)
    print(f"Desk {desk_id} is removed.")
