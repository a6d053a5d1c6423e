"""The `kefu` command: one module a noun, errors as one line, exit code 2 for wrong use and 1 for a failure."""

import logging
import sys
from typing import NoReturn

import typer
from typer.exceptions import Abort, TyperException

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
        sys.exit(app(prog_name="kefu", standalone_mode=False))
    except TyperException as error:
        _show_wrong_use(error)
    except (KefuError, SettingsError) as error:
        sys.exit(_one_line(str(error)))
    except Abort:
        sys.exit(_one_line("nothing was done"))
    except KeyboardInterrupt:
        sys.exit(130)


def _show_wrong_use(error: TyperException) -> NoReturn:
    """What is wrong and where to read how it is right; the whole help for who typed `kefu` alone."""
    context = getattr(error, "ctx", None)
    if context is None:
        sys.exit(_one_line(error.format_message()))
    if context.parent is None and not sys.argv[1:]:
        print(context.get_help())
        sys.exit(2)
    wrong = error.format_message().replace("Value error, ", "").rstrip(".")
    print(_one_line(f"{wrong}; see {context.command_path} --help"), file=sys.stderr)
    sys.exit(2)


def _one_line(text: str) -> str:
    return "kefu: " + " ".join(text.split())
