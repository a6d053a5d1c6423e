"""`kefu backup` and `kefu restore`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.bootstrap.restore import restore_database
from bot.cli.context import CommandContext, run, with_database
from bot.cli.output import Yes, confirm
from core.backups import back_up
from core.clock import SystemClock
from core.files import FolderStore
from core.settings import load_settings
from knowledge_base.file_backups import beside, list_file_ids, pack

File = Annotated[Path, typer.Argument(help="The backup file.")]


def backup(file: File) -> None:
    """Write a copy of the database while it is in use, and the files that articles carry beside it."""

    async def work(context: CommandContext) -> int:
        await back_up(context.database.url, file)
        ids = await list_file_ids(context.database)
        return pack(FolderStore(context.settings.data_dir / "files"), ids, beside(file))

    files = with_database(work)
    print(f"Written: {file} ({file.stat().st_size / 1e6:.1f} MB)")
    if files:
        print(f"Articles' files: {beside(file)} ({files}). Keep the two together.")
    print("Keep it with the secret key: what is encrypted in it needs the same KEFU_SECRET or data/secret.key.")


def restore(file: File, yes: Yes = False) -> None:
    """Put a backup back; nothing is sent until `kefu outbox release`."""
    settings = load_settings()
    confirm(f"Replace the present database by {file}?", yes)
    missing = run(restore_database(settings, SystemClock(), file))
    print(f"Restored from {file}. All sending is on hold: check what waits with `kefu outbox list`,")
    print("then let it go with `kefu outbox release`.")
    if missing:
        there = "lacks them" if beside(file).exists() else "is not there"
        print(f"Files of articles are missing: {len(missing)}; {beside(file)} {there}.")


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
