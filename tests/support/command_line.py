"""Runs `kefu` in this process, as the console script would, with its own data folder."""

import contextlib
import json
import os
import pty
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import main


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """`kefu(*words)` runs one command."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(folder)
        for name in [name for name in os.environ if name.startswith("KEFU_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("KEFU_DATA_DIR", str(folder / "data"))

    def __call__(self, *words: str, **settings: str) -> Ran:
        self._monkeypatch.setattr(sys, "argv", ["kefu", *words])
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)
        self._capsys.readouterr()
        code, message = 0, ""
        try:
            main()
        except SystemExit as stop:
            code, message = (
                (stop.code, "") if isinstance(stop.code, int) else (1 if stop.code else 0, str(stop.code or ""))
            )
        for name in settings:
            self._monkeypatch.delenv(name)
        out, err = self._capsys.readouterr()
        return Ran(code, out, err + message)

    def at_a_terminal(self, *words: str, answer: str) -> Ran:
        """The same where somebody sits who can be asked, and who answers so; `out` is what they saw."""
        ours, theirs = pty.openpty()
        os.write(ours, f"{answer}\n".encode())
        with open(ours, "rb", buffering=0) as shown:
            with (
                self._monkeypatch.context() as patch,
                open(theirs, encoding="utf-8") as keys,
                open(theirs, "w", encoding="utf-8", closefd=False) as screen,
            ):
                patch.setattr(sys, "stdin", keys)
                patch.setattr(sys, "stdout", screen)
                ran = self(*words)
            return Ran(ran.code, b"".join(_chunks(shown)).decode(), ran.err)


def _chunks(shown: FileIO) -> Iterator[bytes]:
    """What a terminal that is closed has shown; it gives it out piece by piece, and ends with an error."""
    with contextlib.suppress(OSError):
        while chunk := shown.read(65_536):
            yield chunk
