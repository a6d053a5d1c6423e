"""The first command that somebody types, on a machine that is not ready for it."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def make(target: str, python: Path, venv: Path) -> subprocess.CompletedProcess[str]:
    command = ["make", target, f"PYTHON={python}", f"VENV={venv}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("script", "remedy"),
    [
        # too old, or no Python at all: the version question fails
        ("exit 1", "needs Python 3.11 or newer"),
        # Debian without python3-venv: the version is right, the virtual environment fails
        ('[ "$1" = -c ] && exit 0; mkdir -p "$3"; exit 1', "apt install python3-venv"),
    ],
)
def test_what_is_missing_is_said_in_one_line_with_the_remedy(tmp_path: Path, script: str, remedy: str) -> None:
    done = make("run", program(tmp_path / "python", script), tmp_path / "venv")
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert len(ours) == 1
    assert remedy in ours[0]
    assert not (tmp_path / "venv").exists()
