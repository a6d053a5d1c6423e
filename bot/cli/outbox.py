"""`kefu outbox`: what could not be delivered, and the switch that stops all sending."""

from typing import Annotated

import typer

from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_list
from conversations import repair
from conversations.models import OutboxHold

app = typer.Typer(
    name="outbox", help="What could not be delivered; stop and restart all sending.", no_args_is_help=True
)
Id = Annotated[int, typer.Argument(help="The delivery's id, as `kefu outbox list` shows it.", min=1)]


@app.command("list")
def list_deliveries(as_json: AsJson = False) -> None:
    """Show failed and unknown deliveries."""

    async def work(context: CommandContext) -> tuple[list[dict[str, object]], OutboxHold | None]:
        async with context.database.read() as session:
            rows: list[dict[str, object]] = [
                {
                    "id": d.id,
                    "account": d.account,
                    "kind": d.kind.value,
                    "state": d.state.value,
                    "because": d.because,
                    "attempt": d.attempt,
                    "due_at": d.due_at.isoformat(),
                }
                for d in await repair.list_deliveries(session)
            ]
            return rows, await repair.find_hold(session)

    rows, held = with_database(work)
    if held and not as_json:
        print(f"All sending is on hold since {held.held_at.isoformat()} ({held.held_by}): kefu outbox release")
    columns = ("id", "account", "kind", "state", "because", "attempt", "due_at")
    print_list(rows, as_json, columns, "Everything was delivered.")


@app.command()
def resend(delivery_id: Id) -> None:
    """Send a failed or unknown delivery again, however late."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await repair.resend(session, delivery_id, context.clock.now())

    with_database(work)
    print(f"Delivery {delivery_id} will be sent again by the running Kefu.")


@app.command()
def dismiss(delivery_id: Id) -> None:
    """Give a delivery up."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await repair.dismiss_delivery(session, delivery_id)

    with_database(work)
    print(f"Delivery {delivery_id} is dismissed.")


@app.command()
def hold() -> None:
    """Stop all sending, in every process."""

    async def work(context: CommandContext) -> OutboxHold:
        async with context.database.write() as session:
            return await repair.hold(session, whoami(), context.clock.now())

    print(f"All sending is on hold ({with_database(work).held_by}); kefu outbox release lets it go on.")


@app.command()
def release() -> None:
    """Let sending go on."""

    async def work(context: CommandContext) -> bool:
        async with context.database.write() as session:
            return await repair.release(session)

    print("Sending goes on." if with_database(work) else "Sending was not on hold.")
