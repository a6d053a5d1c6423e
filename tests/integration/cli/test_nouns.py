"""Every command is loaded by itself, from the module that holds it."""

import subprocess
import sys

import pytest

from bot.cli.nouns import NOUNS, load


@pytest.mark.parametrize("name", NOUNS)
def test_a_command_is_where_the_table_says(name: str) -> None:
    assert load(name).name == name


def test_asking_loads_no_door_and_no_training_library() -> None:
    heavy = "{'aiogram', 'fastapi', 'uvicorn', 'sklearn', 'openpyxl', 'alembic'}"
    code = f"import sys; from bot.cli import main, nouns; nouns.load('ask'); print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
