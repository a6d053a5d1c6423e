"""What a first answer need not wait for: libraries and models that it does not use."""

import os
import subprocess
import sys
from pathlib import Path

from migrations import new_database
from migrations.revisions import head

_DOORS_AND_TRAINING = {"aiogram", "fastapi", "uvicorn", "sklearn"}
_ENGLISH_MODEL = {"blingfire"}
_CHINESE_SOUNDS = {"pypinyin"}
_LOADED = "import sys; print(*sys.modules, file=sys.stderr)"
_ASK = f"from bot.cli.main import main\ntry: main()\nfinally: {_LOADED}"
_SERVE = f"""
import asyncio
from bot.bootstrap.services import open_services
from core.settings import load_settings
async def start():
    async with open_services(load_settings()):
        {_LOADED}
asyncio.run(start())
"""


def modules_after(program: str, folder: Path, *words: str) -> tuple[str, set[str]]:
    """What a fresh interpreter prints, and which packages it has loaded by then."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    environment = clean | {"KEFU_DATA_DIR": str(folder / "data"), "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=folder)
    return done.stdout, set(done.stderr.splitlines()[-1].split())


def test_each_start_loads_what_it_needs(tmp_path: Path) -> None:
    """One data folder's first days: each program is started once, since that is what costs."""
    answer, loaded = modules_after(_ASK, tmp_path, "ask", "龙井茶怎么保存？")
    unneeded = _DOORS_AND_TRAINING | _ENGLISH_MODEL
    # The script that makes a new database may lag behind the newest migration, which is then run.
    unneeded |= {"alembic"} if new_database.scripted() == head() else set()
    assert "The customer would get this answer" in answer
    assert loaded & unneeded == set()

    answer, loaded = modules_after(_ASK, tmp_path, "ask", "how long does shipping to Canada take")
    unneeded = _DOORS_AND_TRAINING | _CHINESE_SOUNDS | {"alembic", "bot.bootstrap.sample"}
    assert "Closest questions" in answer
    assert loaded & unneeded == set()
    assert loaded >= _ENGLISH_MODEL

    _, loaded = modules_after(_SERVE, tmp_path)
    assert loaded >= _ENGLISH_MODEL, "the first English question to a serving process would wait for its model"
