"""Each project check finds the fault that it is there for, and leaves sound code alone."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.checks import imports, locks, mappings, sizes, transactions
from tools.checks.source import Finding, Source

Check = Callable[[Source], Iterator[Finding]]

OPENING = "async def save(database):\n    async with database.write() as session:\n        session.add(1)\n"
COMMITTING = "async def save(session):\n    await session.commit()\n"
LATE = "def load():\n    import json\n    return json\n"


def long_function(lines: int) -> str:
    return 'def long():\n    """Not counted.\n\n    Nor this.\n    """\n' + "    x = 1\n" * lines


@pytest.mark.parametrize(
    ("check", "path", "text", "found"),
    [
        # functions: 40 lines of body are the most, the docstring apart
        (sizes.check, "core/a.py", long_function(40), None),
        (sizes.check, "core/a.py", long_function(41), "long has 41 lines"),
        (sizes.check, "tests/test_a.py", long_function(41), "long has 41 lines"),
        # modules
        (sizes.check, "core/a.py", "x = 1\n" * 400, None),
        (sizes.check, "core/a.py", "x = 1\n" * 401, "401 lines"),
        # what alembic wrote is left alone
        (sizes.check, "migrations/versions/0001_a.py", "x = 1\n" * 401, None),
        (sizes.check, "tickets/utils.py", "", "name the module"),
        (sizes.check, "tickets/__init__.py", "", None),
        (sizes.check, "tickets/__init__.py", "x = 1\n", "__init__.py is empty"),
        # transactions: the doors open them
        (transactions.check, "admin/api/articles.py", OPENING, None),
        (transactions.check, "knowledge_base/files.py", OPENING, None),
        (transactions.check, "knowledge_base/service.py", OPENING, "take a WriteSession"),
        # nobody but the database commits
        (transactions.check, "admin/api/articles.py", COMMITTING, "leave commit"),
        (transactions.check, "core/database.py", COMMITTING, None),
        # a door's library stays in its door
        (imports.check, "bot/telegram/updates.py", "from aiogram import Bot\n", None),
        (imports.check, "bot/web/page.py", "from aiogram.types import Update\n", "aiogram is imported by bot/telegram"),
        (imports.check, "conversations/service.py", "import fastapi\n", "fastapi is imported by"),
        (imports.check, "scheduler/jobs.py", "import apscheduler.triggers\n", "apscheduler is imported by"),
        # a decision fetches nothing
        (imports.check, "tickets/sla.py", "from tickets.values import Status\nfrom core.money import Money\n", None),
        (imports.check, "tickets/sla.py", "from tickets.business_hours import until\n", None),
        (imports.check, "tickets/sla.py", "from tickets.models import Ticket\n", "does not import tickets.models"),
        (imports.check, "tickets/sla.py", "from core.database import WriteSession\n", "core.database"),
        (imports.check, "tickets/sla.py", "from core import database\n", "core.database"),
        (imports.check, "conversations/flow.py", "import sqlalchemy\n", "sqlalchemy"),
        (imports.check, "conversations/flow.py", "from conversations.dialogues import answers\n", None),
        (imports.check, "conversations/dialogues/answers.py", "from conversations.service import x\n", "service"),
        (imports.check, "customers/values.py", "import customers\n", "does not import customers"),
        # imports stand at the top, except where doors are opened
        (imports.check, "bot/bootstrap/doors.py", LATE, None),
        (imports.check, "tests/test_a.py", LATE, None),
        (imports.check, "staff/service.py", LATE, "move the import"),
        # relationships say how they load
        (mappings.check, "staff/models.py", 'a = relationship("B", lazy="raise")\n', None),
        (mappings.check, "staff/models.py", 'a = relationship("B")\n', "lazy"),
        (mappings.check, "staff/models.py", 'a = relationship("B", lazy="select")\n', "lazy"),
    ],
)
def test_a_check_finds_its_fault(check: Check, path: str, text: str, found: str | None) -> None:
    messages = [finding.message for finding in check(Source(path, text))]
    assert len(messages) == (0 if found is None else 1)
    assert found is None or found in messages[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("six==1.16.0 \\\n    --hash=sha256:abc\n    # via kefu\n", None),
        ("six[extra]==1.16.0 ; sys_platform == 'linux' \\\n    --hash=sha256:abc\n", None),
        # anybody could put another file there
        ("six==1.16.0\n", "has no hash"),
        # installs on one network only
        ("--index-url https://registry.example/simple\n", "names a registry"),
        ("six @ https://registry.example/six.whl\n", "names a registry"),
        ("--find-links /opt/wheels\n", "names a registry"),
    ],
)
def test_a_lock_file_has_hashes_and_no_addresses(tmp_path: Path, text: str, found: str | None) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(text, encoding="utf-8")
    messages = [finding.message for finding in locks.check(lock)]
    assert [found in message for message in messages if found] == ([True] if found else [])
    assert bool(messages) == bool(found)


ROOT = Path(__file__).parents[3]


def pure_modules() -> list[str]:
    found = {path.relative_to(ROOT) for pattern in imports.PURE for path in ROOT.glob(pattern)}
    return sorted(".".join(path.with_suffix("").parts) for path in found if path.parts[0] not in (".venv", "tests"))


@pytest.mark.parametrize("module", pure_modules())
def test_a_pure_module_loads_no_database_and_no_door(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"sqlalchemy", "aiogram", "fastapi", "starlette", "apscheduler", "sklearn", "asyncpg", "structlog"}
    assert not heavy & set(done.stdout.split())
