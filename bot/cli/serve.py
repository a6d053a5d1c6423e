"""`kefu run`, `kefu worker`, `kefu chat`."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
import uvloop

from bot.bootstrap import doors
from bot.cli.announce import announce
from bot.cli.context import run
from core.logs import configure_logs
from core.settings import Settings, load_settings


def run_command(
    host: Annotated[str | None, typer.Option(help="Listen here instead of KEFU_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen here instead of KEFU_PORT.", min=0, max=65535)] = None,
) -> None:
    """Serve everything: the chat page, the API and the loops behind them."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    _serve(doors.serve(_with_logs().model_copy(update=given), announce))


def worker() -> None:
    """Run inbox, outbox and jobs without HTTP."""
    _serve(doors.work(_with_logs(), lambda _settings, _started: print("Kefu's worker is running; Ctrl-C stops it.")))


def chat() -> None:
    """Talk to the bot in this terminal."""
    settings = load_settings()
    configure_logs(settings.log_format, level=logging.ERROR)
    run(doors.chat(settings))


def _serve(work: Coroutine[Any, Any, None]) -> None:
    """Runs what serves many at once on uvloop's event loop, which costs a quarter less than Python's own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _with_logs() -> Settings:
    settings = load_settings()
    configure_logs(settings.log_format)
    return settings


def register(app: typer.Typer) -> None:
    app.command("run")(run_command)
    app.command()(worker)
    app.command()(chat)
