"""`kefu migrate`."""

import typer

from bot.bootstrap.storage import migrate_database
from bot.cli.context import run
from core.clock import SystemClock
from core.settings import load_settings


def migrate() -> None:
    """Bring the database to the newest schema; a copy of an SQLite file is kept."""
    before, after = run(migrate_database(load_settings(), SystemClock()))
    print(
        f"The database has schema {after}." if before == after else f"Migrated from {before or 'nothing'} to {after}."
    )


def register(app: typer.Typer) -> None:
    app.command()(migrate)
