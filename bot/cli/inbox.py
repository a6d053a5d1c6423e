"""`kefu inbox`: events that could not be handled, kept for a person to look at."""

from typing import Annotated

import typer

from bot.cli.context import CommandContext, with_database
from bot.cli.output import AsJson, print_list
from conversations import repair

app = typer.Typer(
    name="inbox", help="Events that could not be handled, kept for a person to look at.", no_args_is_help=True
)
Id = Annotated[int, typer.Argument(help="The event's id, as `kefu inbox list` shows it.", min=1)]


@app.command("list")
def list_events(as_json: AsJson = False) -> None:
    """Show what is parked, and why."""

    async def work(context: CommandContext) -> list[dict[str, object]]:
        async with context.database.read() as session:
            return [
                {
                    "id": e.id,
                    "account": e.account,
                    "lane": e.lane,
                    "received_at": e.received_at.isoformat(),
                    "error": e.error,
                }
                for e in await repair.list_parked(session)
            ]

    columns = ("id", "account", "lane", "received_at", "error")
    print_list(with_database(work), as_json, columns, "Nothing is parked.")


@app.command()
def retry(event_id: Id) -> None:
    """Handle an event again, before what waits in its chat."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await repair.retry(session, event_id, context.clock.now())

    with_database(work)
    print(f"Event {event_id} will be handled again by the running Kefu.")


@app.command()
def dismiss(event_id: Id) -> None:
    """Give an event up."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await repair.dismiss(session, event_id, context.clock.now())

    with_database(work)
    print(f"Event {event_id} is dismissed.")
