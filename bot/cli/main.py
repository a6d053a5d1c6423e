"""The `kefu` command: one module a noun, errors as one line, exit code 2 for wrong use and 1 for a failure."""

import logging
import sys

import typer

from bot.cli.nouns import Nouns
from core.errors import KefuError
from core.logs import configure_logs
from core.settings import LogFormat, SettingsError

app = typer.Typer(
    name="kefu",
    cls=Nouns,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def kefu() -> None:
    """Kefu (客服): a customer-service bot that answers from a knowledge base, and knows when it does not know."""


def main() -> None:
    """Runs one command; what goes wrong in an expected way is one line on stderr."""
    configure_logs(LogFormat.CONSOLE, level=logging.CRITICAL)
    try:
        app()
    except (KefuError, SettingsError) as error:
        sys.exit(_one_line(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _one_line(error: Exception) -> str:
    return "kefu: " + " ".join(str(error).split())
