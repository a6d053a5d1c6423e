"""`kefu tasks`: what a person has to do."""

from typing import Annotated, Any

import typer

from admin.api.tasks import task_shapes
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_list
from customers import tasks
from customers.tasks import TaskFilter
from customers.values import TaskState

app = typer.Typer(name="tasks", help="What a person has to do: privacy requests, calls.", no_args_is_help=True)
_MOST = 10_000


@app.command("list")
def list_tasks(as_json: AsJson = False) -> None:
    """Show what is open, the first due first."""

    async def work(context: CommandContext) -> list[dict[str, Any]]:
        async with context.database.read() as session:
            found = [
                task
                for state in (TaskState.OPEN, TaskState.TAKEN)
                for task in await tasks.list_tasks(session, TaskFilter(state=state), limit=_MOST)
            ]
            shapes = await task_shapes(session, found)
        rows = [shape.model_dump(mode="json") for shape in shapes]
        return sorted(rows, key=lambda row: (row["due_at"] is None, row["due_at"] or "", row["id"]))

    rows = with_database(work)
    if not as_json:
        rows = [row | {"customer": (row["customer"] or {}).get("name") or ""} for row in rows]
    print_list(rows, as_json, ("id", "kind", "subject", "customer", "due_at", "assignee"), "Nothing is to be done.")


@app.command()
def done(task_id: Annotated[int, typer.Argument(metavar="ID", help="As `kefu tasks list` shows it.", min=1)]) -> None:
    """A task is done."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await tasks.finish(session, task_id, TaskState.DONE, whoami(), context.clock.now())

    with_database(work)
    print(f"Task {task_id} is done.")
