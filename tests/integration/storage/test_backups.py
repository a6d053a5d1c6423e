"""A backup is taken while the shop is open; a restored shop has everything and sends nothing by itself."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE

import pytest
from sqlalchemy import func, select

from bot.bootstrap.restore import restore_database
from bot.bootstrap.running import serving
from conversations import repair
from core.backups import back_up
from core.database import Database
from core.errors import Conflict, InvalidInput, NotFound
from staff.models import Agent
from staff.service import add_agent
from staff.values import Role
from tests.integration.storage.test_migrations import settings_for
from tests.support.clock import FakeClock

NOW = datetime(2026, 3, 2, tzinfo=UTC)


async def hire(database: Database, *names: str) -> None:
    for name in names:
        async with database.write() as session:
            await add_agent(session, name, Role.AGENT, by="test", now=NOW)


async def count_staff(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Agent)) or 0


async def staff_names(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(Agent.name).order_by(Agent.id)))


@pytest.mark.db
async def test_a_restored_shop_is_as_it_was_and_holds_all_sending(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    copy = tmp_path / "monday.backup"
    database = Database(database_url)
    await hire(database, "li")
    await back_up(database.url, copy)
    assert S_IMODE(copy.stat().st_mode) == 0o600
    await hire(database, "wang")
    await database.close()

    await restore_database(settings_for(database_url, tmp_path), clock, copy)

    restored = Database(database_url)
    assert await count_staff(restored) == 1
    async with restored.read() as session:
        assert await repair.find_hold(session) is not None
    await restored.close()


@pytest.mark.db
async def test_a_backup_under_writes_is_the_shop_at_one_moment(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    copy, names = tmp_path / "busy.backup", [f"agent {number}" for number in range(100)]
    database = Database(database_url)
    await hire(database, *names[:5])
    writing = asyncio.create_task(hire(database, *names[5:]))
    await back_up(database.url, copy)
    await writing
    assert await staff_names(database) == names
    await database.close()

    await restore_database(settings_for(database_url, tmp_path), clock, copy)

    restored = Database(database_url)
    found = await staff_names(restored)
    await restored.close()
    assert len(found) >= 5
    assert found == names[: len(found)]


async def test_a_backup_never_overwrites_a_file(database: Database, tmp_path: Path) -> None:
    taken = tmp_path / "letter.txt"
    taken.write_text("dear customer")
    with pytest.raises(Conflict, match="exists already"):
        await back_up(database.url, taken)
    assert taken.read_text() == "dear customer"


@pytest.mark.db
async def test_a_wrong_file_changes_nothing(database_url: str, tmp_path: Path, clock: FakeClock) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear customer")
    settings = settings_for(database_url, tmp_path)
    with pytest.raises(InvalidInput, match=r"no \w+ backup of Kefu"):
        await restore_database(settings, clock, letter)
    with pytest.raises(NotFound, match="no file"):
        await restore_database(settings, clock, tmp_path / "nowhere")
    database = Database(database_url)
    assert await count_staff(database) == 0
    await database.close()


async def test_a_running_kefu_is_not_restored_under_its_feet(
    database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    settings = settings_for(database_url, tmp_path)
    with serving(tmp_path), pytest.raises(Conflict, match="stop it first"):
        await restore_database(settings, clock, tmp_path / "any")
