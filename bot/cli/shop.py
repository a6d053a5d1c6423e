"""`kefu shop`: the shop's facts and sentences, live at once."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json
from conversations.texts import Texts
from core.errors import InvalidInput
from core.shop import read_shop, write_shop
from core.shop_facts import ShopFacts, merge_facts
from staff import audit

app = typer.Typer(name="shop", help="The shop's facts and sentences; changes are live at once.", no_args_is_help=True)


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show every fact."""

    async def work(context: CommandContext) -> ShopFacts:
        async with context.database.read() as session:
            return (await read_shop(session))[0]

    facts = with_database(work).model_dump(mode="json")
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            for part, text in value.items():
                print(f"{name}.{part}={text}")
        else:
            print(f"{name}={value}")


@app.command("set")
def set_facts(
    pairs: Annotated[list[str], typer.Argument(metavar="NAME=VALUE ...", help="As in name.zh=春茶铺 currency=CNY")],
) -> None:
    """Change facts, as in `kefu shop set name.en="Spring Tea" currency=CNY`."""
    changes = _changes(pairs)

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            before, _ = await read_shop(session)
            after = _merged(before, changes)
            now = context.clock.now()
            await write_shop(session, after, whoami(), now)
            changed = {name: (getattr(before, name), getattr(after, name)) for name in changes}
            shown = {name: (str(old), str(new)) for name, (old, new) in changed.items()}
            audit.record(session, actor=whoami(), action="shop.set", object="shop:1", now=now, changes=shown)

    with_database(work)
    print("Set: " + ", ".join(pair.partition("=")[0] for pair in pairs))


def _changes(pairs: list[str]) -> dict[str, Any]:
    """`greeting.en=Hello` -> `{"greeting": {"en": "Hello"}}`; `texts.KEY.en=...` one deeper."""
    changes: dict[str, Any] = {}
    for pair in pairs:
        path, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInput(f"{pair!r} has no =; write NAME=VALUE")
        names = path.split(".")
        if names[0] == "texts" and len(names) > 2:
            names = ["texts", ".".join(names[1:-1]), names[-1]]
        place = changes
        for name in names[:-1]:
            place = place.setdefault(name, {})
        place[names[-1]] = value
    return changes


def _merged(before: ShopFacts, changes: dict[str, Any]) -> ShopFacts:
    try:
        after = merge_facts(before, changes)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path}: {first['msg']}; `kefu shop show` lists the names") from None
    Texts.shipped().check_overrides(after.texts)
    return after
