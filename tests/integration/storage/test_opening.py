"""What a start finds or makes: the folder and its key, the schema, the first admin."""

from pathlib import Path
from stat import S_IMODE

import pytest
from sqlalchemy import select, text

from bot.bootstrap.first_start import make_first_admin
from bot.bootstrap.storage import open_database, open_secretbox
from core.database import Database
from core.errors import Conflict
from core.secretbox import KEY_FILE
from core.settings import load_settings
from staff.models import Agent
from staff.values import Role
from tests.integration.storage.test_migrations import settings_for
from tests.support.clock import FakeClock
from tests.support.databases import PostgresDatabases


def test_the_data_folder_and_its_key_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    open_secretbox(load_settings({"KEFU_DATA_DIR": str(folder)}))
    assert S_IMODE(folder.stat().st_mode) == 0o700
    assert S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600


async def test_an_older_postgresql_is_left_to_the_command(
    postgres_databases: PostgresDatabases, tmp_path: Path, clock: FakeClock
) -> None:
    with postgres_databases.fresh() as url:
        database = Database(url)
        async with database.write() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        await database.close()
        with pytest.raises(Conflict, match="run `kefu migrate` first"):
            async with open_database(settings_for(url, tmp_path), clock):
                pass


@pytest.mark.db
async def test_only_the_first_start_makes_an_admin_and_shows_the_key(database: Database, clock: FakeClock) -> None:
    keys = [await make_first_admin(database, clock) for _ in range(2)]
    assert [key is None for key in keys] == [False, True]
    async with database.read() as session:
        assert [agent.role for agent in await session.scalars(select(Agent))] == [Role.ADMIN]
