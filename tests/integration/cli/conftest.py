from pathlib import Path

import pytest

from tests.support.command_line import CommandLine


@pytest.fixture
def kefu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command in an empty folder with a fresh database."""
    return CommandLine(tmp_path, monkeypatch, capsys)
