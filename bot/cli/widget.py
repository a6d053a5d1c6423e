"""`kefu widget`: the chat on the shop's own site."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from bot.bootstrap.storage import open_secretbox
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json
from bot.web.widget_secret import ensure_secret
from core.settings import Settings, load_settings

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


@app.command("snippet")
def snippet(as_json: AsJson = False) -> None:
    """Show the line that brings the chat to the shop's own site; it goes before </head> of every page."""
    settings = load_settings()
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    line = f'<script src="{address}/widget.js" async></script>'
    if as_json:
        print_json({"snippet": line, "origins": list(settings.widget_origins)})
        return
    print(line)
    for missing in _missing(settings):
        print(missing, file=sys.stderr)


def _missing(settings: Settings) -> Iterator[str]:
    """What has to be set before the line works for everybody."""
    if settings.public_url is None:
        yield "Set KEFU_PUBLIC_URL to the address that customers reach: this one works on this machine alone."
    if not settings.widget_origins:
        yield "Set KEFU_WIDGET_ORIGINS to the sites that may show the chat, as https://shop.example: so far none may."
