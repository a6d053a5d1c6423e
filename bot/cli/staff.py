"""`kefu staff`: people and other systems, and their keys."""

from typing import Annotated

import typer

from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json, print_list
from staff import service
from staff.models import Agent
from staff.values import Role

app = typer.Typer(
    name="staff", help="People and other systems that work with the shop, and their keys.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="The name, as `kefu staff list` shows it.")]


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")],
    alias: Annotated[str | None, typer.Option(help="The name that customers see.")] = None,
    own_ids: Annotated[bool, typer.Option("--own-ids", help="A system whose customer ids are its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a person or another system; the key is shown this once."""

    async def work(context: CommandContext) -> tuple[Agent, str]:
        async with context.database.write() as session:
            return await service.add_agent(
                session, name, role, by=whoami(), now=context.clock.now(), alias=alias, own_ids=own_ids
            )

    _show_key(*with_database(work), as_json)


@app.command()
def key(name: Name, as_json: AsJson = False) -> None:
    """Make a new key; the old one ends at once."""

    async def work(context: CommandContext) -> tuple[Agent, str]:
        async with context.database.write() as session:
            return await service.replace_key(session, name, by=whoami(), now=context.clock.now())

    _show_key(*with_database(work), as_json)


@app.command()
def disable(name: Name) -> None:
    """End all access of somebody at once."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await service.disable(session, name, by=whoami(), now=context.clock.now())

    with_database(work)
    print(f"{name} is disabled.")


@app.command("list")
def list_staff(as_json: AsJson = False) -> None:
    """Show everybody."""

    async def work(context: CommandContext) -> list[Agent]:
        async with context.database.read() as session:
            return await service.list_agents(session)

    rows = [
        {
            "name": a.name,
            "role": a.role.value,
            "alias": a.alias,
            "own_ids": a.own_ids,
            "disabled": a.disabled_at is not None,
        }
        for a in with_database(work)
    ]
    print_list(rows, as_json, ("name", "role", "alias", "disabled"), "Nobody yet: kefu staff add NAME --role agent")


def _show_key(agent: Agent, secret: str, as_json: bool) -> None:
    if as_json:
        print_json({"name": agent.name, "role": agent.role.value, "key": secret})
    else:
        print(f"{agent.name} ({agent.role.value})\nKey, shown this once: {secret}")
