"""`kefu backup` and `kefu restore`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.bootstrap.restore import restore_database
from bot.cli.context import CommandContext, run, with_database
from bot.cli.output import Yes, confirm
from core.backups import back_up
from core.clock import SystemClock
from core.settings import load_settings

File = Annotated[Path, typer.Argument(help="The backup file.")]


def backup(file: File) -> None:
    """Write a copy of the database while it is in use."""

    async def work(context: CommandContext) -> None:
        await back_up(context.database.url, file)

    with_database(work)
    print(f"Written: {file} ({file.stat().st_size / 1e6:.1f} MB)")
    print("Keep it with the secret key: what is encrypted in it needs the same KEFU_SECRET or data/secret.key.")


def restore(file: File, yes: Yes = False) -> None:
    """Put a backup back; nothing is sent until `kefu outbox release`."""
    settings = load_settings()
    confirm(f"Replace the present database by {file}?", yes)
    run(restore_database(settings, SystemClock(), file))
    print(f"Restored from {file}. All sending is on hold: check what waits with `kefu outbox list`,")
    print("then let it go with `kefu outbox release`.")


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
