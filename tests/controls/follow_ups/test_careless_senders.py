"""Two ways of sending that others use: each is caught by the same books after a few kills."""

from pathlib import Path

import pytest

from core.database import Database
from tests.integration.follow_ups.test_kill import run
from tests.integration.follow_ups.worker import Mistake
from tests.telegram_server.client import telegram_process

pytestmark = [pytest.mark.telegram, pytest.mark.soak]


@pytest.mark.parametrize(("mistake", "fault"), [(Mistake.RESENDS, "twice"), (Mistake.MARKS_FIRST, "lost")])
async def test_a_careless_sender_is_caught(
    database: Database, database_url: str, tmp_path: Path, mistake: Mistake, fault: str
) -> None:
    with telegram_process() as server:
        books = await run(database, database_url, server, tmp_path, kills=6, people=120, mistake=mistake)
    assert getattr(books, fault) > 0, books
