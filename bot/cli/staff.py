"""`kefu staff`: people and other systems, and their keys."""

from datetime import datetime
from typing import Annotated, Any

import typer

from admin.links import telegram_url
from bot.bootstrap.policies import make_policies
from bot.bootstrap.storage import open_secretbox
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json, print_list
from conversations.desk import leaving
from staff import availability, linking, service
from staff.models import Agent
from staff.values import Availability, Role

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
def disable(
    name: Name,
    hand_over_to: Annotated[str | None, typer.Option(help="Who gets the tickets; left out: the queue.")] = None,
) -> None:
    """End all access of somebody at once, and pass their tickets on."""

    async def work(context: CommandContext) -> int:
        policies = make_policies(context.settings, open_secretbox(context.settings))
        async with context.database.write() as session:
            ticket_work = await policies.work(session, context.clock.now(), whoami())
            return await leaving.disable(ticket_work, name, hand_over_to)

    count = with_database(work)
    went = f"; {count} tickets went to {hand_over_to or 'the queue'}" if count else ""
    print(f"{name} is disabled{went}.")


@app.command()
def link(name: Name, as_json: AsJson = False) -> None:
    """Make a one-time link that joins a Telegram account; good for an hour."""

    async def work(context: CommandContext) -> dict[str, Any]:
        async with context.database.write() as session:
            made = await linking.start(session, name, by=whoami(), now=context.clock.now())
            url = await telegram_url(session, made.code)
            return {"name": name, "code": made.code, "url": url, "expires_at": made.expires_at.isoformat()}

    made = with_database(work)
    if as_json:
        print_json(made)
    else:
        print(made["url"] or f"Telegram is off. Once it is on, send the bot: /start {made['code']}")


@app.command()
def away(
    name: Name, until: Annotated[datetime | None, typer.Option(help="When they are back; local time.")] = None
) -> None:
    """No new tickets for somebody, until they are back."""
    _set_state(name, Availability.AWAY, until)
    print(f"{name} is away.")


@app.command()
def back(name: Name) -> None:
    """Somebody is there again."""
    _set_state(name, Availability.ONLINE, None)
    print(f"{name} is there.")


def _set_state(name: str, state: Availability, until: datetime | None) -> None:
    async def work(context: CommandContext) -> None:
        zone = context.settings.timezone
        ends = until and (until if until.tzinfo else until.replace(tzinfo=zone))
        async with context.database.write() as session:
            await availability.set_state(session, name, state, ends, by=whoami(), now=context.clock.now())

    with_database(work)


@app.command("list")
def list_staff(as_json: AsJson = False) -> None:
    """Show everybody."""

    async def work(context: CommandContext) -> tuple[list[Agent], datetime]:
        async with context.database.read() as session:
            return await service.list_agents(session), context.clock.now()

    found, now = with_database(work)

    rows = [
        {
            "name": a.name,
            "role": a.role.value,
            "alias": a.alias,
            "own_ids": a.own_ids,
            "capacity": a.capacity,
            "state": availability.state_of(a, now).value,
            "disabled": a.disabled_at is not None,
        }
        for a in found
    ]
    shown = ("name", "role", "alias", "state", "disabled")
    print_list(rows, as_json, shown, "Nobody yet: kefu staff add NAME --role agent")


def _show_key(agent: Agent, secret: str, as_json: bool) -> None:
    if as_json:
        print_json({"name": agent.name, "role": agent.role.value, "key": secret})
    else:
        print(f"{agent.name} ({agent.role.value})\nKey, shown this once: {secret}")
