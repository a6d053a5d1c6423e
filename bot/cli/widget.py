"""`kefu widget`: the chat on the shop's own site."""

from typing import Annotated

import typer

from bot.bootstrap.storage import open_secretbox
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json
from bot.web.widget_secret import ensure_secret

app = typer.Typer(name="widget", help="The chat on the shop's own site.", no_args_is_help=True)


@app.command("secret")
def secret(
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new one; the old one ends at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the key with which the shop's server signs who is logged in. Keep it on the server."""

    async def work(context: CommandContext) -> str:
        async with context.database.write() as session:
            box = open_secretbox(context.settings)
            return await ensure_secret(session, box, by=whoami(), now=context.clock.now(), rotate=rotate)

    key = with_database(work)
    if as_json:
        print_json({"secret": key})
    else:
        print(key)
