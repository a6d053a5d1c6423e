"""What is installed is what was declared, and nothing of it is left behind."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.checks.source import ROOMS

ROOT = Path(__file__).parents[3]


def pinned(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", lines, re.MULTILINE))


def declared(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = [text for extra in extras for text in project["optional-dependencies"][extra]]
    return [Requirement(text) for text in project["dependencies"] + optional]


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["build", "dev"])]
)
def test_the_lock_files_satisfy_what_the_project_declares(lock: str, extras: list[str]) -> None:
    versions = pinned(lock)
    needs = {canonicalize_name(need.name): need.specifier for need in declared(*extras)}
    stale = [name for name, wanted in needs.items() if not wanted.contains(versions.get(name, "0"))]
    assert not stale, "run `make lock`"


def test_a_tool_and_the_program_meet_the_same_versions() -> None:
    assert pinned("requirements.lock").items() <= pinned("requirements-dev.lock").items()


def test_the_package_carries_every_file_of_the_rooms(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, check=True, capture_output=True, text=True)
    assert {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()} <= packed
