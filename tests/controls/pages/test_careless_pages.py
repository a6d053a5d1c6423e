"""Broken variants of the plain pages, which their tests must catch."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from admin.pages import case_view
from admin.pages.doable import Deed
from knowledge_base import synonyms
from tests.integration.pages import test_desk_work, test_labels
from tests.support.app import RunningApp, make_settings, running_app


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(make_settings(database_url, tmp_path)) as running:
        yield running


async def test_a_list_that_two_people_overwrite_is_caught(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synonyms, "name_of", lambda groups: "unchanged")
    with pytest.raises(AssertionError):
        await test_labels.test_words_that_mean_the_same_are_kept_as_written(app)


async def test_buttons_for_everybody_are_caught(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_view, "doable", lambda case: frozenset(Deed))
    with pytest.raises(AssertionError):
        await test_desk_work.test_a_case_shows_each_viewer_what_they_may_do(app)
