"""`kefu programmes`: turn what the shop writes first on and off, having seen it first."""

from typing import Annotated, Any

import typer

from admin.api.shapes.follow_up import follow_up_shape
from admin.follow_ups import office_of
from admin.rule_kinds import make_rulebook
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, Yes, confirm, print_json, print_list
from scheduler import programmes, trying
from scheduler.programmes import Listed
from scheduler.showing import Shown, show_preview
from scheduler.trying import Tested

app = typer.Typer(
    name="programmes", help="What the shop writes first: list, enable, pause, test.", no_args_is_help=True
)
BOOK = make_rulebook()
Id = Annotated[str, typer.Argument(help="As `kefu programmes list` shows it.")]


@app.command("list")
def list_programmes(as_json: AsJson = False) -> None:
    """Show every programme, and whether it is on."""

    async def work(context: CommandContext) -> tuple[list[Listed], str]:
        office = office_of(context.settings, BOOK)
        async with context.database.read() as session:
            return await programmes.list_programmes(session, office), office.staff_language

    listed, language = with_database(work)
    columns = ("id", "state", "kind", "name", "since")
    print_list([_row(one, language) for one in listed], as_json, columns, "The rules have no programmes.")


def _row(listed: Listed, language: str) -> dict[str, Any]:
    state = listed.state
    paused = f"paused ({state.paused_because})" if state and state.paused_because else "off"
    return {
        "id": listed.programme.id,
        "state": "on" if listed.is_on else paused,
        "kind": listed.programme.kind.value,
        "name": listed.programme.name.pick(language),
        "since": state.since.isoformat() if state and state.since and listed.is_on else None,
    }


@app.command()
def enable(
    programme_id: Id,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go out.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Turn a programme on. Shows first how many follow-ups it means within 31 days, and ten of them."""

    async def look(context: CommandContext) -> tuple[int, dict[str, int], list[Shown]]:
        office, now = office_of(context.settings, BOOK), context.clock.now()
        found = await trying.look_ahead(context.database, office, programme_id, now)
        async with context.database.read() as session:
            shown = await show_preview(session, office, found.first(trying.FIRST), found.contact, now)
        return (*found.counts(), shown)

    count, skipped, first = with_database(look)
    if as_json:
        items = [follow_up_shape(one).model_dump(mode="json") for one in first]
        print_json({"count": count, "skip": skipped, "first": items})
    else:
        _print_ahead(programme_id, count, skipped, first)
    if dry_run:
        return
    confirm(f"Enable {programme_id}?", yes)

    async def work(context: CommandContext) -> None:
        office = office_of(context.settings, BOOK)
        async with context.database.write() as session:
            await programmes.enable(session, office, programme_id, by=whoami(), now=context.clock.now())

    with_database(work)
    if not as_json:
        print(f"{programme_id} is on.")


def _print_ahead(programme_id: str, count: int, skipped: dict[str, int], first: list[Shown]) -> None:
    print(f"Within the next 31 days {programme_id} would send {count}; each is one message and costs nothing else.")
    for reason, number in skipped.items():
        print(f"  {number} would not be sent: {reason}")
    for shown in first:
        name = shown.customer.name if shown.customer else ""
        print(f"\n{shown.due_local:%Y-%m-%d %H:%M} {name or ''}\n{shown.text}")


@app.command()
def pause(programme_id: Id) -> None:
    """Turn a programme off; what is planned is not sent."""

    async def work(context: CommandContext) -> None:
        office = office_of(context.settings, BOOK)
        async with context.database.write() as session:
            await programmes.pause(session, office, programme_id, by=whoami(), now=context.clock.now())

    with_database(work)
    print(f"{programme_id} is off.")


@app.command()
def test(
    programme_id: Id,
    to: Annotated[str, typer.Option(help="A colleague with a linked account, or a customer's number.")],
) -> None:
    """Send a programme's first message, filled with examples, to one person."""

    async def work(context: CommandContext) -> Tested:
        office = office_of(context.settings, BOOK)
        async with context.database.write() as session:
            return await trying.send_test(session, office, programme_id, to, by=whoami(), now=context.clock.now())

    tested = with_database(work)
    print(f"Delivery {tested.delivery_id} will be sent by the running Kefu:\n{tested.text}")
