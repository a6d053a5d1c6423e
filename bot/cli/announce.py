"""The lines that `kefu run` greets its owner with."""

import getpass
import os
import socket
from collections.abc import Iterator, Mapping

from bot.bootstrap.started import Started
from core.settings import Settings


def announce(settings: Settings, started: Started) -> None:
    for line in lines(settings, started, os.environ):
        print(line, flush=True)


def lines(settings: Settings, started: Started, environment: Mapping[str, str]) -> Iterator[str]:
    """Addresses, the key that is shown once, what to do next; on a server without a screen how to reach it."""
    port = started.port
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{'127.0.0.1' if settings.host in ('0.0.0.0', '::') else shown}:{port}"
    yield f"Kefu is running: {address}/"
    yield f"  Staff {address}/admin, signed in with a key"
    yield f"  API {address}/api/v1, readable at {address}/api/docs"
    if started.key:
        yield f"  Admin key, shown this once: {started.key}"
    if "SSH_CONNECTION" in environment and settings.host in ("127.0.0.1", "localhost"):
        yield f"  From your own computer: ssh -L {port}:127.0.0.1:{port} {getpass.getuser()}@{socket.gethostname()}"
        yield f"  then open http://127.0.0.1:{port}/, or start with --host 0.0.0.0 behind a firewall."
    if started.is_sample:
        yield "The sample tea shop is loaded: open the page and ask “龙井怎么泡” or “do you ship to Canada?”."
        yield "Your own answers: kefu kb template faq.xlsx, fill it in, kefu kb import faq.xlsx --replace-sample."
    yield "Ctrl-C stops it."
