"""Ways around the second pair of eyes, which the tests must catch."""

from pathlib import Path

import pytest

from core.database import Database
from core.settings import Settings
from knowledge_base import history, import_rows
from knowledge_base.article_audit import Edit
from knowledge_base.article_form import ArticleRow
from knowledge_base.import_plan import Decision, Known, decide
from tests.integration.knowledge import test_four_eyes
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock


async def test_a_rollback_that_asks_nobody_is_caught(
    database: Database, clock: FakeClock, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anybody(edit: Edit, author: str) -> None:
        return

    monkeypatch.setattr(history, "check_publisher", anybody)
    with pytest.raises(pytest.fail.Exception):
        await test_four_eyes.test_nobody_rolls_back_to_words_of_their_own(database, clock, write)


async def test_an_import_that_publishes_by_itself_is_caught(
    database: Database,
    clock: FakeClock,
    settings: Settings,
    tmp_path: Path,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def by_one(row: ArticleRow, known: Known | None, *, four_eyes: bool) -> Decision:
        return decide(row, known)

    monkeypatch.setattr(import_rows, "decide", by_one)
    with pytest.raises((AssertionError, IndexError)):
        await test_four_eyes.test_what_a_file_would_publish_waits_in_review(database, clock, settings, tmp_path, write)
